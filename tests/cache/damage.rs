//! What was kept is damaged, or forged by somebody who knows its hash.

use crate::drop::Dice;
use crate::{ALL, kept};
use std::fs;

#[test]
fn damage_is_noticed_and_mended() {
    let (bench, _, _) = kept();
    let path = fs::read_dir(bench.cache()).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&path).unwrap();
    let cold = bench.said(false).0;
    assert_eq!(bench.said(true), (cold.clone(), ALL));
    let places = (0..48).step_by(3).chain((48..whole.len()).step_by(whole.len() / 17)).chain([whole.len() - 1]);
    for (turn, place) in places.enumerate() {
        let mut bytes = whole.clone();
        if turn % 3 == 0 {
            bytes.truncate(place);
        } else {
            bytes[place] ^= 1 << (turn % 8);
        }
        fs::write(&path, &bytes).unwrap();
        assert_eq!(bench.said(true), (cold.clone(), 0), "at {place}");
        assert_eq!(bench.said(true), (cold.clone(), ALL), "it is mended");
    }
}

#[test]
fn forged_facts_do_no_harm() {
    let (bench, _, _) = kept();
    let path = fs::read_dir(bench.cache()).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&path).unwrap();
    let mut dice = Dice(11);
    for _ in 0..150 {
        let mut bytes = whole.clone();
        let place = 44 + dice.roll(bytes.len() as u64 - 44) as usize;
        match dice.roll(3) {
            0 => bytes[place] ^= 1 << dice.roll(8),
            1 => bytes[place..].iter_mut().take(8).for_each(|b| *b = 255),
            _ => bytes.truncate(place),
        }
        // As if somebody had meant it.
        let hash = qunce::data::hash_of(&bytes[28..]);
        bytes[12..20].copy_from_slice(&hash[0].to_le_bytes());
        bytes[20..28].copy_from_slice(&hash[1].to_le_bytes());
        fs::write(&path, &bytes).unwrap();
        bench.said(true);
    }
}
