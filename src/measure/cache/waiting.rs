//! Questions that wait for answers, and the answers: kept as they are, since a later file may bring an earlier answer.

use super::super::answer::{Answers, Kept};
use super::super::row::{Answer, Refers};
use super::beside::NONE;
use super::bytes::{Damaged, In, Out, Taken};
use super::values::{read_stored, write_stored};
use std::collections::BTreeSet;

/// The numbers of today by those of the run that kept the rows.
pub(super) struct Renumber<'m> {
    pub groups: &'m [u32],
    pub members: &'m [u32],
    pub posts: &'m [u32],
    pub products: &'m [u32],
}

pub(super) fn write(answers: &Answers, columns: &BTreeSet<usize>, product: &dyn Fn(u32) -> Option<u32>, out: &mut Out) {
    let option = |out: &mut Out, number: Option<u32>| out.u32(number.unwrap_or(NONE));
    let replies = answers.replies.sorted();
    out.count(replies.len());
    for (key, earliest) in replies {
        out.u128(key);
        out.u8(earliest.iter().flatten().count() as u8);
        for answer in earliest.iter().flatten() {
            out.i64(answer.at.0);
            option(out, answer.member);
        }
    }
    out.count(answers.kept.len());
    for kept in &answers.kept {
        out.u8(u8::from(kept.message.is_some()));
        out.u128(kept.message.unwrap_or(0));
        out.u32(kept.refers.group);
        option(out, kept.refers.member);
        option(out, kept.refers.post);
        option(out, kept.refers.product.and_then(product));
        let cells = columns.iter().filter_map(|c| Some((*c, kept.cells.get(*c)?)));
        let cells: Vec<_> = cells.filter(|(_, cell)| !matches!(cell, super::super::held::Stored::Null)).collect();
        out.count(cells.len());
        for (column, cell) in cells {
            out.u32(u32::try_from(column).unwrap_or(NONE));
            write_stored(out, cell);
        }
        out.count(kept.measures.len());
        for (measure, on) in &kept.measures {
            out.u32(u32::try_from(*measure).unwrap_or(NONE));
            out.i64(on.0);
        }
    }
}

/// Adds what waited to what waits.
pub(super) fn merge(answers: &mut Answers, input: &mut In<'_>, to: &Renumber<'_>) -> Taken<()> {
    let number = |numbers: &[u32], old: u32| match old {
        NONE => Ok(None),
        old => numbers.get(old as usize).copied().filter(|n| *n != NONE).map(Some).ok_or(Damaged),
    };
    for _ in 0..input.count(17)? {
        let key = input.u128()?;
        for _ in 0..input.u8()? {
            let at = input.moment()?;
            answers.note_answer(key, Answer { at, member: number(to.members, input.u32()?)? });
        }
    }
    for _ in 0..input.count(49)? {
        let message = (input.u8()? != 0, input.u128()?);
        let group = number(to.groups, input.u32()?)?.ok_or(Damaged)?;
        let member = number(to.members, input.u32()?)?;
        let post = number(to.posts, input.u32()?)?;
        let product = number(to.products, input.u32()?)?;
        let mut cells = vec![super::super::held::Stored::Null; answers.width()];
        for _ in 0..input.count(5)? {
            let column = input.u32()? as usize;
            *cells.get_mut(column).ok_or(Damaged)? = read_stored(input)?;
        }
        let mut measures = Vec::new();
        for _ in 0..input.count(12)? {
            measures.push((input.u32()? as usize, input.moment()?));
        }
        answers.kept.push(Kept {
            message: message.0.then_some(message.1),
            refers: Refers { group, member, post, product },
            cells,
            measures,
        });
    }
    Ok(())
}
