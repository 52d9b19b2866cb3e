//! What staff do: publish posts, speak, work through their checklists.

use super::group::{Group, Mark, Recent, Scene};
use super::joining::{HOST, STAFF};
use super::rows::{MessageKind, PostKind, PostRow, ProductRef};
use super::talk::Reply;

/// Days during which a post is opened.
const FRESH_DAYS: i64 = 3;
/// Days after which nobody sees a post any more, even if there is no newer one.
const STALE_DAYS: i64 = 7;

/// Forms in which a useful post comes.
const FORMS: [&str; 7] = ["", "图解｜", "收藏版｜", "视频｜", "答疑整理｜", "一图看懂｜", "群友实测｜"];

/// The weekly checklist: weekday (0 Monday), item and hour it is due.
const CHECKLIST: [(u32, &str, i64); 4] =
    [(0, "weekly_plan", 11), (2, "weekly_live", 20), (4, "weekly_digest", 18), (6, "weekly_review", 21)];

impl Group {
    /// Publishes the posts of today.
    pub fn publish(&mut self, scene: &mut Scene<'_>) {
        let now = scene.now;
        let mut slots: Vec<_> = self.slots.extract_if(.., |slot| slot.at < now.end).collect();
        slots.sort_by_key(|slot| slot.at);
        let newest = self.recent.last().map_or(0, |p| p.at);
        let oldest =
            now.start - if newest < now.start - FRESH_DAYS * 86_400 { STALE_DAYS } else { FRESH_DAYS } * 86_400;
        self.recent.retain(|post| post.at >= oldest);
        for slot in slots {
            if slot.at > scene.setting.limit {
                continue;
            }
            self.posts += 1;
            let role = match slot.kind {
                PostKind::Promo => Some(self.dice.below(2) as usize),
                PostKind::Product => Some(2 + self.dice.below(2) as usize),
                PostKind::Useful if self.dice.chance(300) => Some(2),
                _ => None,
            };
            let item = role.map(|role| self.on_show(scene, role));
            let title = self.title(scene, slot.kind, item);
            let row = PostRow {
                key: self.key(slot.at),
                group: self.index,
                number: self.posts,
                kind: slot.kind,
                title,
                topic: if slot.kind == PostKind::Useful { self.template.industry.topics[self.subject()] } else { "" },
                reached: self.head_count(slot.at),
                product: item.map(|item| ProductRef { catalogue: self.catalogue, item }),
            };
            scene.rows.posts.push(row);
            self.recent.push(Recent { number: self.posts, at: slot.at, item });
        }
    }

    /// What the newest post is about, when it is a useful one.
    fn subject(&self) -> usize {
        (self.posts + self.index) as usize % self.template.industry.useful.len()
    }

    fn title(&mut self, scene: &Scene<'_>, kind: PostKind, item: Option<u8>) -> String {
        let industry = self.template.industry;
        let product = item
            .and_then(|item| scene.catalogues.get(usize::from(self.catalogue))?.products.get(usize::from(item)))
            .map_or("", |p| p.name.as_str());
        match kind {
            PostKind::Useful => {
                // By turns, so that a title in the same form comes back only after weeks.
                let form = (self.posts + self.index) as usize / industry.useful.len() % FORMS.len();
                format!("{}{}", FORMS[form], industry.useful[self.subject()])
            }
            PostKind::Story => self.dice.pick(&industry.stories).to_owned(),
            PostKind::Event => self.dice.pick(&industry.events).to_owned(),
            PostKind::Promo => match self.dice.below(4) {
                0 => format!("限时秒杀：{product}"),
                1 => format!("今日开抢：{product}"),
                2 => format!("{product} 最后五十份"),
                _ => format!("第二件半价 {product}"),
            },
            PostKind::Product => match self.dice.below(3) {
                0 => format!("上新：{product}"),
                1 => format!("为什么选{product}"),
                _ => format!("本周推荐 {product}"),
            },
        }
    }

    /// The host speaks and the checklist of the day is worked through.
    pub fn work(&mut self, scene: &mut Scene<'_>) {
        let climate = self.climate;
        if self.dice.chance(climate.host) {
            let at = self.moment(scene.now.start);
            self.say(scene, HOST, at, MessageKind::Text, Reply::None, "");
        }
        for (weekday, item, hour) in CHECKLIST {
            if weekday != scene.now.weekday {
                continue;
            }
            let due = scene.now.start + hour * 3600;
            if self.event(scene, STAFF, due, "sop_due", Mark::name(item)) && self.dice.chance(climate.sop_done) {
                let done = due + self.dice.seconds(300, 6000);
                self.event(scene, STAFF, done, "sop_done", Mark::name(item));
            }
        }
    }
}
