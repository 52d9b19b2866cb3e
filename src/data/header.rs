//! Which column each header of a file is.

use super::report::shorten;
use crate::config::TableConfig;
use crate::diagnostic::{Code, Diagnostic, Findings, did_you_mean, list};
use crate::schema::Table;

/// The headers of a file and the columns they were taken for.
#[derive(Debug)]
pub struct Header {
    /// Headers as written, trimmed.
    pub names: Vec<String>,
    /// The column or extra column of each, where it is known by another name than its own.
    columns: Vec<Option<String>>,
    folded: Vec<String>,
}

impl Header {
    /// Matches headers to columns: by the workspace's `columns` first, then by canonical name, then
    /// by the aliases of the platforms. Reports headers that cannot be told apart.
    pub fn new(names: Vec<String>, table: Table, config: &TableConfig, file: &str, findings: &mut Findings) -> Self {
        let folded: Vec<String> = names.iter().map(|n| fold(n)).collect();
        let mut header = Self { columns: vec![None; names.len()], folded, names };
        header.report_twins(table, file, findings);
        for (column, wanted) in &config.columns {
            header.claim(column, &[wanted], false, table, file, findings);
        }
        let read = || table.columns().iter().filter(|c| !c.derived);
        for column in read() {
            header.claim(column.name, &[column.name], false, table, file, findings);
        }
        for column in read() {
            header.claim(column.name, column.aliases, true, table, file, findings);
        }
        header
    }

    /// The field of a column, extra column or header.
    pub fn find(&self, name: &str) -> Option<usize> {
        let named = self.columns.iter().position(|c| c.as_deref() == Some(name));
        named.or_else(|| {
            let folded = fold(name);
            self.folded.iter().zip(&self.columns).position(|(f, c)| *f == folded && c.is_none())
        })
    }

    /// The field of a header as written, whatever column it was taken for.
    pub fn find_written(&self, name: &str) -> Option<usize> {
        let folded = fold(name);
        self.folded.iter().position(|f| *f == folded).or_else(|| self.find(name))
    }

    /// The name under which a field is known: its column, or the header as written.
    pub fn known_as(&self, index: usize) -> &str {
        let column = self.columns.get(index).and_then(Option::as_deref);
        column.or_else(|| self.names.get(index).map(String::as_str)).unwrap_or_default()
    }

    /// Reports required columns that are neither in the file nor made up.
    pub fn report_missing(&self, missing: &[&str], table: Table, file: &str, findings: &mut Findings) {
        let free: Vec<&str> = (0..self.names.len())
            .filter(|i| self.columns.get(*i).is_some_and(Option::is_none))
            .filter_map(|i| self.names.get(i).map(String::as_str))
            .filter(|n| !n.is_empty())
            .collect();
        for column in missing {
            let aliases = table.column(column).map_or(&[][..], |c| c.aliases);
            let close = std::iter::once(column).chain(aliases).find_map(|n| did_you_mean(n, free.iter().copied()));
            let help = match close {
                Some(close) => format!("if `{close}` is it, set `columns.{column} = \"{close}\"` in `[data.{table}]`"),
                None => format!("name its header in `[data.{table}]`: `columns.{column} = \"…\"`"),
            };
            findings.push(
                Diagnostic::error(Code::MissingColumn, format!("{table} needs a column `{column}`"))
                    .at_cell(file, 1, None, self.shown(), "not in this header")
                    .with_help(help),
            );
        }
    }

    /// The headers as one line.
    pub fn shown(&self) -> String {
        shorten(&self.names.join(","), 200)
    }

    fn report_twins(&self, table: Table, file: &str, findings: &mut Findings) {
        for (index, name) in self.names.iter().enumerate() {
            let first = self.names.iter().position(|n| n == name);
            if let Some(first) = first.filter(|f| *f < index && !name.is_empty()) {
                findings.push(
                    Diagnostic::error(Code::DuplicateHeader, format!("{table} has two columns `{name}`"))
                        .at_cell(file, 1, None, self.shown(), format!("columns {} and {}", first + 1, index + 1))
                        .with_help("rename or remove one of them"),
                );
            }
        }
    }

    /// Takes the header that bears one of the names for a column, unless the column has one already.
    fn claim(
        &mut self,
        column: &str,
        wanted: &[&str],
        aliases: bool,
        table: Table,
        file: &str,
        findings: &mut Findings,
    ) {
        if self.columns.iter().any(|c| c.as_deref() == Some(column)) {
            return;
        }
        let wanted: Vec<String> = wanted.iter().map(|w| fold(w)).collect();
        let fits = |i: &usize| {
            self.folded.get(*i).is_some_and(|f| wanted.contains(f)) && self.columns.get(*i).is_some_and(Option::is_none)
        };
        let mut hits: Vec<usize> = (0..self.names.len()).filter(fits).collect();
        hits.dedup_by(|a, b| self.names.get(*a) == self.names.get(*b));
        if let [first, second, ..] = hits.as_slice() {
            let name = |i: &usize| self.names.get(*i).map_or("", String::as_str);
            let (a, b) = (name(first), name(second));
            let finding = Diagnostic::error(
                Code::DuplicateHeader,
                format!("two headers stand for `{column}`: {}", list(&[a, b], "and")),
            )
            .at_cell(file, 1, None, self.shown(), "cannot be told apart");
            findings.push(if aliases {
                finding.with_help(format!("choose one in `[data.{table}]`: `columns.{column} = \"{a}\"`"))
            } else {
                finding.with_help("rename or remove one of them")
            });
        }
        if let Some(slot) = hits.first().and_then(|i| self.columns.get_mut(*i)) {
            *slot = Some(column.to_owned());
        }
    }
}

/// A header without case, white space and the width of its letters.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;

    fn header(names: &[&str], config: &TableConfig) -> (Header, String) {
        let mut findings = Findings::new();
        let names = names.iter().map(|n| (*n).to_owned()).collect();
        let header = Header::new(names, Table::Orders, config, "data/orders.csv", &mut findings);
        (header, findings.items().iter().map(|d| render(d, false)).collect())
    }

    #[test]
    fn headers_match_without_case_width_and_blanks() {
        let (header, shown) =
            header(&["订单 编号", "ＭＥＭＢＥＲ＿ＩＤ", "付款金额（元）", "Paid_At", "备注"], &TableConfig::default());
        assert_eq!(shown, "");
        let fields = ["order_id", "member_id", "amount", "paid_at", "备注", "coupon_id"].map(|n| header.find(n));
        assert_eq!(fields, [Some(0), Some(1), Some(2), Some(3), Some(4), None]);
    }

    #[test]
    fn the_workspace_beats_the_name_and_the_name_beats_the_alias() {
        let mut config = TableConfig::default();
        config.columns.insert("amount".into(), "实付".into());
        let (header, shown) = header(&["amount", "实付", "user_id", "member_id"], &config);
        assert_eq!(shown, "");
        assert_eq!((header.find("amount"), header.find("member_id")), (Some(1), Some(3)));
        assert_eq!(header.known_as(2), "user_id");
    }

    #[test]
    fn two_aliases_of_one_column_must_be_told_apart() {
        let (_, shown) = header(&["买家ID", "买家会员名"], &TableConfig::default());
        assert!(
            shown.contains("error[Q0303]: two headers stand for `member_id`: `买家ID` and `买家会员名`"),
            "{shown}"
        );
        assert!(shown.contains("choose one in `[data.orders]`: `columns.member_id = \"买家ID\"`"), "{shown}");
    }
}
