//! The pages of all groups, and the scripts that filter and search them.

use super::pages::{Kind, Page, Site};
use super::{engine::Engine, script};
use crate::diagnostic::Diagnostic;
use crate::health::Scope;
use crate::report::{GROUPS_PER_PAGE, GroupRow, PortfolioView, Reporter, RollupsView, TallyView, rollup_pages};
use serde::Serialize;

/// How many roll-ups of a kind the first page shows.
const ROLLUPS_SHOWN: usize = 5;
/// How many roll-ups a page of roll-ups has.
const ROLLUPS_PER_PAGE: usize = 50;

/// What the pages of a language share, made once: with many groups it is most of the work.
pub struct Listing {
    portfolio: PortfolioView,
    rollups: RollupsView,
    rollup_pages: Vec<RollupsView>,
}

/// One page of groups.
#[derive(Serialize)]
struct PortfolioPage<'v> {
    period: &'v str,
    days: &'v str,
    verdict: &'v str,
    whose: &'v [String],
    tally: &'v [TallyView],
    rows: &'v [GroupRow],
    heads: &'v [String],
    /// Only on the first page.
    rollups: Option<RollupsView>,
    pager: Pager,
}

/// One page of roll-ups.
#[derive(Serialize)]
struct RollupsPage<'v> {
    period: &'v str,
    days: &'v str,
    rollups: &'v RollupsView,
    pager: Pager,
}

/// The way to the other pages of a list.
#[derive(Debug, PartialEq, Serialize)]
struct Pager {
    /// From 1.
    page: usize,
    pages: usize,
    previous: Option<String>,
    next: Option<String>,
    /// The first, the last and those around; `None` for a gap.
    links: Vec<Option<(usize, String)>>,
}

impl Pager {
    fn new(page: usize, pages: usize, name: fn(usize) -> String) -> Self {
        let near = |p: usize| p == 1 || p == pages || p.abs_diff(page) <= 2;
        let mut links = Vec::new();
        for p in 1..=pages {
            if near(p) {
                links.push(Some((p, name(p))));
            } else if links.last().is_some_and(Option::is_some) {
                links.push(None);
            }
        }
        Self {
            page,
            pages,
            previous: (page > 1).then(|| name(page - 1)),
            next: (page < pages).then(|| name(page + 1)),
            links,
        }
    }
}

fn groups_name(page: usize) -> String {
    if page == 1 { "index.html".to_owned() } else { format!("groups-{page}.html") }
}

fn rollups_name(page: usize) -> String {
    if page == 1 { "rollups.html".to_owned() } else { format!("rollups-{page}.html") }
}

impl Site<'_> {
    /// The pages of all groups in a language, and its scripts.
    pub(super) fn portfolio_pages(&self) -> Vec<(String, Kind)> {
        let groups = self.assessment.groups.iter().filter(|g| g.latest().is_some()).count();
        let pages = groups.div_ceil(GROUPS_PER_PAGE).max(1);
        let mut out: Vec<(String, Kind)> = (1..=pages).map(|p| (groups_name(p), Kind::Portfolio(p))).collect();
        if self.has_rollup_pages() {
            let pages = self.assessment.rollups.len().div_ceil(ROLLUPS_PER_PAGE);
            out.extend((1..=pages).map(|p| (rollups_name(p), Kind::Rollups(p))));
        }
        out
    }

    /// Whether a kind of roll-up has more than the first page shows.
    fn has_rollup_pages(&self) -> bool {
        let kind = |scope: &Scope| match scope {
            Scope::All => 0,
            Scope::Playbook(_) => 1,
            Scope::Brand(_) => 2,
            Scope::Owner(_) => 3,
        };
        let count = |k| self.assessment.rollups.iter().filter(|r| kind(&r.scope) == k).count();
        (0..4).any(|k| count(k) > ROLLUPS_SHOWN)
    }

    fn listing(&self, page: &Page, r: &Reporter<'_>) -> Option<&Listing> {
        Some(self.listings.get(page.language)?.get_or_init(|| {
            let rollups = r.rollups();
            let rollup_pages =
                if self.has_rollup_pages() { rollup_pages(&rollups, ROLLUPS_PER_PAGE) } else { Vec::new() };
            Listing { portfolio: r.portfolio(), rollups: rollups.first(ROLLUPS_SHOWN), rollup_pages }
        }))
    }

    pub(super) fn groups_page(
        &self,
        page: &Page,
        number: usize,
        r: &Reporter<'_>,
        engine: &Engine<'_>,
    ) -> Result<Vec<u8>, Diagnostic> {
        let Some(Listing { portfolio: all, rollups, .. }) = self.listing(page, r) else { return Ok(Vec::new()) };
        let start = (number.saturating_sub(1) * GROUPS_PER_PAGE).min(all.rows.len());
        let end = (start + GROUPS_PER_PAGE).min(all.rows.len());
        let view = PortfolioPage {
            period: &all.period,
            days: &all.days,
            verdict: &all.verdict,
            whose: &all.whose,
            tally: &all.tally,
            rows: all.rows.get(start..end).unwrap_or_default(),
            heads: &all.heads,
            rollups: (number == 1).then(|| rollups.clone()),
            pager: Pager::new(number, all.rows.len().div_ceil(GROUPS_PER_PAGE).max(1), groups_name),
        };
        self.html(page, engine, "portfolio", "index.html", "portfolio", &view)
    }

    pub(super) fn rollups_page(
        &self,
        page: &Page,
        number: usize,
        r: &Reporter<'_>,
        engine: &Engine<'_>,
    ) -> Result<Vec<u8>, Diagnostic> {
        let Some(listing) = self.listing(page, r) else { return Ok(Vec::new()) };
        let Some(rollups) = listing.rollup_pages.get(number.saturating_sub(1)) else { return Ok(Vec::new()) };
        let view = RollupsPage {
            period: &listing.portfolio.period,
            days: &listing.portfolio.days,
            rollups,
            pager: Pager::new(number, listing.rollup_pages.len(), rollups_name),
        };
        self.html(page, engine, "portfolio", "rollups.html", "portfolio", &view)
    }

    pub(super) fn groups_script(&self, page: &Page, r: &Reporter<'_>) -> Vec<u8> {
        let Some(listing) = self.listing(page, r) else { return Vec::new() };
        script::assignment("portfolio", &r.portfolio_data(&listing.portfolio))
    }

    pub(super) fn search_script(&self, r: &Reporter<'_>) -> Vec<u8> {
        script::assignment("search", &script::index(&r.findables(&self.playbooks)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_leads_to_the_ends_and_the_neighbours() {
        let pager = Pager::new(7, 250, groups_name);
        let shown: Vec<usize> = pager.links.iter().map(|l| l.as_ref().map_or(0, |(p, _)| *p)).collect();
        assert_eq!(shown, [1, 0, 5, 6, 7, 8, 9, 0, 250]);
        assert_eq!(pager.previous.as_deref(), Some("groups-6.html"));
        assert_eq!(Pager::new(2, 2, groups_name).previous.as_deref(), Some("index.html"));
        assert_eq!(Pager::new(1, 1, groups_name).next, None);
    }
}
