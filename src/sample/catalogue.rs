//! What a brand offers in groups of one type: products with roles, price bands and launch days.

use super::dice::mix;
use super::industry::Industry;
use super::profile::Kind;
use crate::calendar::Day;

/// A product.
#[derive(Debug, Clone)]
pub struct Product {
    /// `product_id`
    pub id: String,
    /// Name.
    pub name: String,
    /// Category.
    pub category: &'static str,
    /// Price in cents.
    pub cents: u64,
    /// Cost in cents.
    pub cost: u64,
    /// `viral`, `hot`, `potential` or `regular`.
    pub role: &'static str,
    /// First day on sale.
    pub launched: Day,
}

/// The products of a brand for one type of group; the first shelf places are those of each role.
#[derive(Debug)]
pub struct Catalogue {
    /// Products in the order of the industry's articles.
    pub products: Vec<Product>,
}

/// Products by role: first index and number.
const ROLES: [(&str, usize, usize); 4] = [("viral", 0, 2), ("hot", 2, 3), ("potential", 5, 3), ("regular", 8, 4)];

impl Catalogue {
    /// The catalogue of an industry's brand for a type, with launches before and during the weeks.
    pub fn new(seed: u64, industry: &Industry, brand: usize, kind: Kind, first: Day, last: Day) -> Self {
        let span = u64::try_from(last.0 - first.0).unwrap_or(1).max(1);
        let products = industry.articles.iter().enumerate().map(|(place, article)| {
            let role = ROLES.iter().find(|(_, from, n)| (*from..from + n).contains(&place)).map_or("regular", |r| r.0);
            let cents = price(kind, role, article.cents);
            let code = industry.code.bytes().fold(0u64, |all, byte| all * 256 + u64::from(byte));
            let luck = mix(seed, code, (brand * 100 + place) as u64);
            // The last one of each role is new within the weeks that are told; the others were there before.
            let new = ROLES.iter().any(|(_, from, n)| place + 1 == from + n);
            let launched = if new {
                first.plus(i32::try_from(luck % span).unwrap_or(0))
            } else {
                first.plus(-20 - i32::try_from(luck % 400).unwrap_or(0))
            };
            Product {
                id: format!("{}{}{}-{:02}", industry.code, brand + 1, kind.letter(), place + 1),
                name: format!("{}{}", article.name, packing(kind, role)),
                category: industry.categories[article.category % industry.categories.len()],
                cents,
                cost: (cents * (38 + luck % 25) / 100).max(1),
                role,
                launched,
            }
        });
        Self { products: products.collect() }
    }

    /// The product of a role on show after so many changes of the assortment, as of a day.
    pub fn on_show(&self, role: usize, turn: u32, day: Day) -> usize {
        let (_, from, n) = ROLES[role % ROLES.len()];
        let place = from + (turn as usize) % n;
        let on_sale = self.products.get(place).is_some_and(|p| p.launched <= day);
        if on_sale { place } else { from }
    }
}

fn price(kind: Kind, role: &str, cents: u64) -> u64 {
    match (kind, role) {
        (Kind::LowPrice, "viral") => 100,
        (Kind::LowPrice, "hot") => cents * 40 / 100 / 100 * 100 + 90,
        (Kind::LowPrice, _) => cents * 80 / 100 / 100 * 100 + 90,
        (Kind::Vip, _) => cents * 220 / 100 / 1000 * 1000 + 900,
        (Kind::Freebie, "viral") => 10,
        (Kind::Freebie, _) => cents * 55 / 100 / 100 * 100 + 90,
        (Kind::Content, _) => cents,
    }
}

fn packing(kind: Kind, role: &str) -> &'static str {
    match (kind, role) {
        (Kind::LowPrice, "viral") => "（一元秒杀）",
        (Kind::LowPrice, _) => "（拼团价）",
        (Kind::Vip, _) => "·尊享版",
        (Kind::Freebie, "viral") => "体验装",
        (Kind::Freebie, _) => "（积分价）",
        (Kind::Content, _) => "",
    }
}
