//! What the names of an expression mean at the place where it stands.

use super::formula::{Entity, Formula, Reference};
use super::model::Grain;
use crate::config::toml::Node;
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::expr::{self, Type, Want, Window};
use crate::schema::{ColumnType, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Where an expression stands, which decides what its bare names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// On the rows of a table: a measure's filter and argument.
    Row(Table),
    /// On a group: KPIs, stages and alerts of groups. Bare names are measures.
    Group,
    /// On a member: segments, churn and alerts of members.
    Member,
}

/// The measures that expressions can name, and where each can be read.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    /// Declared extra columns.
    pub(super) attributes: BTreeMap<Table, BTreeMap<String, ColumnType>>,
    /// Measures by id.
    pub(super) measures: BTreeMap<String, Readable>,
}

/// How a measure can be read.
#[derive(Debug, Clone)]
pub(super) struct Readable {
    /// The type of its value; NULL where its declaration is wrong, which fits everything.
    pub(super) ty: Type,
    /// The grains at which it has a value.
    pub(super) grains: BTreeSet<Grain>,
    /// Whether it looks at the report's period by itself, so that no other window can be asked for.
    pub(super) tied: bool,
}

impl Vocabulary {
    /// The type of a column of a table, declared extra columns included.
    pub(super) fn column(&self, table: Table, name: &str) -> Option<ColumnType> {
        table.column(name).map(|c| c.kind).or_else(|| self.attributes.get(&table)?.get(name).copied())
    }

    fn columns(&self, table: Table) -> impl Iterator<Item = &str> {
        let declared = self.attributes.get(&table).into_iter().flat_map(|a| a.keys().map(String::as_str));
        table.columns().iter().map(|c| c.name).chain(declared)
    }

    /// The grains at which a measure over a table can be read.
    pub(super) fn grains(&self, table: Table) -> BTreeSet<Grain> {
        let has = |name| self.column(table, name).is_some();
        let mut grains = BTreeSet::from([Grain::Group]);
        if has("member_id") && table != Table::Members {
            grains.insert(Grain::Member);
        }
        if has("post_id") && table != Table::Posts {
            grains.insert(Grain::Post);
        }
        if (has("product_id") || has("post_id")) && table != Table::Products {
            grains.insert(Grain::Product);
        }
        grains
    }

    /// Compiles an expression, with findings under the words that are wrong.
    pub(super) fn compile(&self, node: &Node, place: Place, want: Want, findings: &mut Findings) -> Option<Formula> {
        let text = super::tree::text(node)?;
        let mut names = Names { vocabulary: self, place, refs: Vec::new() };
        match expr::compile(text, &mut names, want) {
            Ok(expr) => {
                // Every row is looked at once, for all periods; which of them it falls in is the window's to say.
                if let Place::Row(table) = place
                    && grain_of(table).is_none()
                    && (expr.depends_on_period() || names.refs.iter().any(is_an_age))
                {
                    findings.push(
                        Diagnostic::error(Code::ExprGrain, format!("rows of `{table}` cannot be asked about the period"))
                            .at(&node.span, "`within`, `days_since` and ages depend on the report's period")
                            .with_help(
                                "leave the time to the window, as in `messages('7d')`, or name another time column with `on`",
                            ),
                    );
                    return None;
                }
                Some(Formula { expr, refs: names.refs, text: text.to_owned(), span: node.span.clone() })
            }
            Err(errors) => {
                errors.iter().for_each(|e| findings.push(expr::to_diagnostic(e, &node.span)));
                None
            }
        }
    }
}

/// Columns that are counted to the end of the report's period.
fn is_an_age(reference: &Reference) -> bool {
    matches!(reference, Reference::Column { name, .. } if matches!(name.as_str(), "age_days" | "days_in_group"))
}

/// The grain of the rows of an entity table.
fn grain_of(table: Table) -> Option<Grain> {
    [Grain::Group, Grain::Member, Grain::Post, Grain::Product].into_iter().find(|g| g.table() == table)
}

struct Names<'a> {
    vocabulary: &'a Vocabulary,
    place: Place,
    refs: Vec<Reference>,
}

/// A qualifier that can stand before a name, with what it reaches.
struct Reach {
    entity: Entity,
    /// The grain at which measures are read through it, where they can be.
    grain: Option<Grain>,
}

impl Names<'_> {
    fn slot(&mut self, reference: Reference) -> usize {
        self.refs.iter().position(|r| *r == reference).unwrap_or_else(|| {
            self.refs.push(reference);
            self.refs.len() - 1
        })
    }

    /// The table of the row at hand.
    fn table(&self) -> Option<Table> {
        match self.place {
            Place::Row(table) => Some(table),
            Place::Member => Some(Table::Members),
            Place::Group => None,
        }
    }

    fn reach(&self, qualifier: Option<&str>) -> Option<Reach> {
        let table = self.table();
        let Some(qualifier) = qualifier else {
            return Some(match table {
                Some(table) => Reach { entity: Entity::Row(table), grain: grain_of(table) },
                None => Reach { entity: Entity::Group, grain: Some(Grain::Group) },
            });
        };
        let has = |name: &str| table.is_some_and(|t| self.vocabulary.column(t, name).is_some());
        // The row at hand by its own name: `member.role` in a measure over members.
        let own = |t: Table| (table == Some(t)).then(|| Reach { entity: Entity::Row(t), grain: grain_of(t) });
        let other = |entity| Some(Reach { entity, grain: None });
        match qualifier {
            "group" if table.is_none() => Some(Reach { entity: Entity::Group, grain: Some(Grain::Group) }),
            "group" => own(Table::Groups).or_else(|| {
                // A streamed row is seen once, before the group's own figures are known.
                let held = table.and_then(grain_of).is_some();
                has("group_id").then_some(Reach { entity: Entity::Group, grain: held.then_some(Grain::Group) })
            }),
            "member" => own(Table::Members).or_else(|| has("member_id").then(|| other(Entity::Member)).flatten()),
            "post" => own(Table::Posts).or_else(|| has("post_id").then(|| other(Entity::Post)).flatten()),
            "product" => own(Table::Products)
                .or_else(|| (has("product_id") || has("post_id")).then(|| other(Entity::Product)).flatten()),
            _ => None,
        }
    }

    fn check_window(&self, grain: Grain, window: &Window) -> Result<(), String> {
        let Window::After { column, .. } = window else { return Ok(()) };
        if !matches!(grain, Grain::Member | Grain::Post) {
            return Err(format!("a window after `{column}` needs a member or a post with that time"));
        }
        match self.vocabulary.column(grain.table(), column) {
            Some(ColumnType::Time | ColumnType::Date) => Ok(()),
            Some(_) => Err(format!("`{column}` of `{}` is not a time", grain.table())),
            None => Err(format!("`{}` has no column `{column}`", grain.table())),
        }
    }
}

impl expr::Scope for Names<'_> {
    fn column(&mut self, qualifier: Option<&str>, name: &str) -> Result<Option<(usize, Type)>, String> {
        let Some(reach) = self.reach(qualifier) else { return Ok(None) };
        let Some(kind) = self.vocabulary.column(reach.entity.table(), name) else { return Ok(None) };
        if qualifier.is_none() && self.place == Place::Group {
            return if self.vocabulary.measures.contains_key(name) {
                Ok(None)
            } else {
                Err(format!("columns of the group are written `group.{name}`"))
            };
        }
        Ok(Some((self.slot(Reference::Column { entity: reach.entity, name: name.to_owned() }), kind.into())))
    }

    fn measure(
        &mut self,
        qualifier: Option<&str>,
        name: &str,
        window: Option<&Window>,
    ) -> Result<Option<(usize, Type)>, String> {
        let Some(reach) = self.reach(qualifier) else { return Ok(None) };
        let Some(readable) = self.vocabulary.measures.get(name) else { return Ok(None) };
        let Some(grain) = reach.grain else {
            return Err(match self.place {
                Place::Row(table) if grain_of(table).is_none() => {
                    format!("`{table}` is read in one pass; declare the measure over `members` instead")
                }
                _ => "measures are read here only of the row itself or of its group".to_owned(),
            });
        };
        if !readable.grains.contains(&grain) {
            let grains: Vec<&str> = readable.grains.iter().map(|g| g.name()).collect();
            let grains = crate::diagnostic::list(&grains, "or");
            return Err(format!("`{name}` has no value for a single {}, only for a {grains}", grain.name()));
        }
        let window = window.cloned().unwrap_or(Window::Period);
        self.check_window(grain, &window)?;
        if readable.tied && window != Window::Period {
            return Err(format!(
                "`{name}` looks at the report's period by itself; declare a measure of its own for `{window}`"
            ));
        }
        let ty = readable.ty;
        Ok(Some((self.slot(Reference::Measure { grain, id: name.to_owned(), window }), ty)))
    }

    fn known(&self, qualifier: Option<&str>) -> Vec<String> {
        let Some(reach) = self.reach(qualifier) else { return Vec::new() };
        let mut names: Vec<String> = Vec::new();
        if qualifier.is_some() || self.place != Place::Group {
            names.extend(self.vocabulary.columns(reach.entity.table()).map(str::to_owned));
        }
        if let Some(grain) = reach.grain {
            let readable = self.vocabulary.measures.iter().filter(|(_, m)| m.grains.contains(&grain));
            names.extend(readable.map(|(id, _)| id.clone()));
        }
        if qualifier.is_none() {
            let prefixes = ["group", "member", "post", "product"];
            names.extend(prefixes.iter().filter(|p| self.reach(Some(p)).is_some()).map(|p| format!("{p}.")));
        }
        names
    }
}
