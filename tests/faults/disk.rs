//! A disk that fails and a process that is killed: a site is the old one or the new one, never a mixture, and the
//! next build clears what is left.

use super::*;
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::disk::Small;
use support::program;

/// Faults at every change of the disk in turn, until one comes too late to strike; gives the number of changes.
fn at_every_change(fault: &str, file_system: &str) -> Result<usize, String> {
    let small = Small::new();
    for number in 1.. {
        let (old, new) = (number % 2, (number + 1) % 2);
        if small.standing()? != old {
            return Err(format!("{fault} {number}: the site of the other inputs should stand before"));
        }
        small.set(new);
        let said = small.build(&[], |c| {
            c.env("QUNCE_FAULT", format!("{number} {fault}{file_system}"));
        });
        let at = format!("{fault} {number}{file_system}: exit {}\n{}{}", said.code, said.out, said.err);
        let strike = said.err.lines().find_map(|l| l.strip_prefix(&format!("fault {number} strikes: ")));
        let Some(path) = strike.and_then(|s| s.split_once(' ')).map(|(_, path)| path) else {
            return if said.code == 0 && small.standing()? == new { Ok(number - 1) } else { Err(at) };
        };
        let killed = matches!(fault, "kill" | "torn");
        // The record and the lock are no part of the site.
        let aside = path.starts_with("[workspace]/.qunce") || path.ends_with("qunce-lock");
        match said.code {
            -1 if killed => {}
            4 if !killed && said.err.contains(&format!("`{path}`")) => {}
            0 if !killed && aside => {}
            _ => return Err(format!("the wrong exit code or no path\n{at}")),
        }
        if !small.workspace.has("out") && file_system.contains("no exchange") && killed {
            // Between two renames both lie beside the place; whatever runs next puts one of them there.
            small.workspace.write("data/groups.csv", "damaged\n");
            if small.build(&[], |_| {}).code != 3 {
                return Err(format!("damaged data are no fault\n{at}"));
            }
            small.set(new);
        }
        let standing = small.standing().map_err(|e| format!("{e}\n{at}"))?;
        if said.code == 0 && standing != new {
            return Err(format!("the old site stands after a success\n{at}"));
        }
        let next = small.build(&[], |_| {});
        if next.code != 0 || small.standing()? != new || !small.leftovers().is_empty() {
            return Err(format!("the next build leaves {:?}\n{at}\n{}{}", small.leftovers(), next.out, next.err));
        }
    }
    unreachable!("the numbers do not end")
}

/// The same with the number of changes in words, for the table.
fn sweep(fault: &str, file_system: &str) -> Result<String, String> {
    let changes = at_every_change(fault, file_system)?;
    if changes > 40 { Ok(format!("each of {changes} changes failed once")) } else { Err(format!("only {changes}")) }
}

pub fn deeds() -> Vec<Deed> {
    vec![
        deed("disk full at the N-th change, for every N", || sweep("enospc", "")),
        deed("disk full within the N-th file, for every N", || sweep("short", "")),
        deed("read-only at the N-th change, for every N", || sweep("erofs", "")),
        deed("killed at the N-th change, for every N", || sweep("kill", "")),
        deed("killed within the N-th file, for every N", || sweep("torn", "")),
        deed("disk full, on a file system without links and exchange", || sweep("enospc", ",no exchange,no link")),
        deed("killed, on a file system without links and exchange", || sweep("kill", ",no exchange,no link")),
        deed("`kill -9` two hundred times at random", killed_at_random),
    ]
}

/// `kill -9` from outside, at moments spread over the whole build and half of them over its end, without a clean
/// build in between.
fn killed_at_random() -> Result<String, String> {
    const KILLS: usize = 200;
    let small = Small::new();
    let begun = Instant::now();
    for state in [0, 1, 0] {
        small.set(state);
        small.build(&[], |_| {}).well();
    }
    let mut usual = (begun.elapsed() / 3).as_secs_f64();
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let (mut round, mut killed, mut swapped, mut standing) = (0, 0, 0, small.standing()?);
    while killed < KILLS {
        round += 1;
        assert!(round < 10 * KILLS, "only {killed} of {round} builds were killed before their end");
        small.set(1 - standing);
        let mut child = program()
            .current_dir(small.workspace.path())
            .args(["build", "--quiet"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = f64::from((dice >> 40) as u32) / f64::from(1 << 24);
        let share = if round % 2 == 0 { share } else { 0.5 + share * 0.5 };
        std::thread::sleep(Duration::from_secs_f64(usual * share));
        child.kill().unwrap();
        // A machine with more or less to do takes more or less time.
        match child.wait().unwrap().code() {
            None => (killed, usual) = (killed + 1, usual * 1.002),
            Some(_) => usual *= 0.97,
        }
        let now = small.standing().map_err(|e| format!("round {round}: {e}"))?;
        swapped += usize::from(now != standing);
        standing = now;
    }
    small.set(1 - standing);
    small.build(&[], |_| {}).well();
    if small.standing()? != 1 - standing || !small.leftovers().is_empty() {
        return Err(format!("the next build leaves {:?}", small.leftovers()));
    }
    Ok(format!("{round} builds, {killed} killed, {swapped} new sites, {:.0?}", begun.elapsed()))
}
