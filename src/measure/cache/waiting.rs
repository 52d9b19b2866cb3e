//! Questions that wait for answers, and the answers: kept as they are, since a later file may bring an earlier answer.

use super::super::answer::{Answers, Kept};
use super::super::row::{Answer, Refers};
use super::beside::NONE;
use super::bytes::{Damaged, In, Out, Taken};
use super::values::{read_stored, write_stored};

/// The numbers of today by those of the run that kept the rows.
pub(super) struct Renumber<'m> {
    pub groups: &'m [u32],
    pub members: &'m [u32],
    pub posts: &'m [u32],
    pub products: &'m [u32],
}

pub(super) fn write(answers: &Answers, product: &dyn Fn(u32) -> Option<u32>, out: &mut Out) {
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
    out.count(answers.sets().len());
    for set in answers.sets() {
        out.count(set.len());
        set.iter().for_each(|measure| out.u32(u32::try_from(*measure).unwrap_or(NONE)));
    }
    out.count(answers.columns().len());
    out.count(answers.waiting());
    for (kept, cells, _) in answers.rows(0..answers.waiting()) {
        out.u8(u8::from(kept.message.is_some()));
        out.u128(kept.message.unwrap_or(0));
        out.u32(kept.refers.group);
        option(out, kept.refers.member);
        option(out, kept.refers.post);
        option(out, kept.refers.product.and_then(product));
        out.i64(kept.on.0);
        out.u32(kept.set);
        cells.iter().for_each(|cell| write_stored(out, cell));
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
    let mut sets = Vec::new();
    for _ in 0..input.count(8)? {
        let mut set = Vec::new();
        for _ in 0..input.count(4)? {
            set.push(input.u32()? as usize);
        }
        sets.push(answers.set(&set));
    }
    let width = input.count(0)?;
    if width != answers.columns().len() {
        return Err(Damaged);
    }
    for _ in 0..input.count(45 + width)? {
        let message = (input.u8()? != 0, input.u128()?);
        let group = number(to.groups, input.u32()?)?.ok_or(Damaged)?;
        let member = number(to.members, input.u32()?)?;
        let post = number(to.posts, input.u32()?)?;
        let product = number(to.products, input.u32()?)?;
        let on = input.moment()?;
        let set = *sets.get(input.u32()? as usize).ok_or(Damaged)?;
        let cells = (0..width).map(|_| read_stored(input)).collect::<Taken<Vec<_>>>()?;
        let refers = Refers { group, member, post, product };
        answers.keep_again(Kept { message: message.0.then_some(message.1), refers, on, set }, cells);
    }
    Ok(())
}
