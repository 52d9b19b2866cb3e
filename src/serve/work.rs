//! The thread that builds.

use super::snapshot::{Change, Snapshot};
use super::watch::Watch;
use super::{Live, Workshop, page};
use tokio::sync::watch::Sender;

/// Starts building: once at first, then after every change, until nobody listens any more.
pub(super) fn start(workshop: Box<dyn Workshop>, live: Sender<Live>) {
    std::thread::spawn(move || run(workshop, &live));
}

fn run(mut workshop: Box<dyn Workshop>, live: &Sender<Live>) {
    let mut watch = Watch::new();
    let mut change = Change::first();
    loop {
        // Followed and looked at before anything is read: what changes during the build differs from this.
        let watched = workshop.watched();
        watch.follow(&watched);
        let before = Snapshot::take(&watched);
        live.send_modify(|l| l.building = true);
        let outcome = workshop.rebuild(&change);
        live.send_modify(|l| {
            l.builds += 1;
            l.building = false;
            l.has_site = outcome.has_site;
            l.trouble = page::trouble(&outcome.findings).into();
        });
        // A new configuration may name other folders, which the next look must already see as changed.
        let watched = workshop.watched();
        watch.follow(&watched);
        change = loop {
            if live.is_closed() {
                return;
            }
            if let Some(change) = before.changes(&Snapshot::take(&watched), &watched.root) {
                break change;
            }
            watch.wait();
        };
    }
}
