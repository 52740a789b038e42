//! How attention should be shared out, and what staying and growing come to. Pure.
//!
//! A group's part of the attention is suggested as its part of `revenue × weight`, with a weight of ½
//! where its playbook says to spend little on each contact, 2 where much, 1 otherwise. Today's part is
//! its part of all touches: mails sent, conversations, deals coded. More or less is advised only where
//! the suggested part lies outside of Wilson's 95 % interval about today's and at least two points away.

use super::queries::{Bought, Touched, Worth};
use super::{ByTenure, Cell, Grid, Group, GrowthGroup, Touches};
use crate::design::Design;
use crate::method::compare::{self, ShareComparison};
use crate::method::tenure::Tenure;
use crate::method::tier::Tier;
use crate::text::fold;

/// How much a playbook says to spend on each contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spend {
    Low,
    Medium,
    High,
}

impl Spend {
    pub fn weight(self) -> f64 {
        match self {
            Spend::Low => 0.5,
            Spend::Medium => 1.0,
            Spend::High => 2.0,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Spend::Low => "little",
            Spend::Medium => "a fair amount",
            Spend::High => "much",
        }
    }
}

/// Reads how much a playbook says to spend: the first word of its first phrase that says so, in English
/// or German. `None` where none does.
pub fn spend(text: &str) -> Option<Spend> {
    let end = text.find(['.', ':', ';', ',', '(', '\n']).unwrap_or(text.len());
    let key = fold::search_key(&text[..end]);
    let words = key.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    // What is denied says the opposite, or nothing.
    if words
        .iter()
        .any(|word| matches!(*word, "not" | "no" | "never" | "nicht" | "kein" | "keine"))
    {
        return None;
    }
    words.into_iter().find_map(|word| match word {
        "low" | "little" | "small" | "less" | "minimal" | "minimum" | "cheap" | "gering" | "wenig" | "niedrig" => {
            Some(Spend::Low)
        }
        "medium" | "moderate" | "middle" | "average" | "some" | "mittel" | "massig" => Some(Spend::Medium),
        "high" | "much" | "large" | "lot" | "generous" | "plenty" | "hoch" | "viel" => Some(Spend::High),
        _ => None,
    })
}

/// Whether a need is the wish to build something together.
pub fn is_co_create(code: &str, name: &str) -> bool {
    let is = |text: &str| {
        let letters: String = fold::search_key(text).chars().filter(|c| c.is_alphanumeric()).collect();
        letters.contains("cocreat") || letters.contains("codevelop")
    };
    is(code) || is(name)
}

/// A part of the attention, as it is and as it should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// 0 to 1; `None` without touches.
    pub today: Option<f64>,
    /// 0 to 1; `None` without revenue.
    pub suggested: Option<f64>,
    pub advice: Advice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    More,
    Less,
    Keep,
    /// Too few touches, or no revenue: nothing can be said.
    CannotTell,
}

/// Fewer touches than these in all say nothing of how attention is shared out.
pub const FEW_TOUCHES: u64 = 20;
/// Less than this apart is close enough.
const CLOSE: f64 = 0.02;

/// `weight`: revenue times what the playbook says; both are parts of the sums after them.
fn budget(weight: f64, weights: f64, touches: u64, all_touches: u64) -> Budget {
    let suggested = (weights > 0.0).then(|| weight / weights);
    let wilson = compare::wilson(touches, all_touches);
    let today = wilson.map(|(share, ..)| share);
    let advice = match (suggested, wilson) {
        _ if all_touches < FEW_TOUCHES => Advice::CannotTell,
        (Some(suggested), Some((today, low, high))) => match suggested - today {
            gap if gap >= CLOSE && suggested > high => Advice::More,
            gap if gap <= -CLOSE && suggested < low => Advice::Less,
            _ => Advice::Keep,
        },
        _ => Advice::CannotTell,
    };
    Budget {
        today,
        suggested,
        advice,
    }
}

/// The active segments, then those without one.
fn groups(design: &Design) -> Vec<Group> {
    let segments = design.framework.segments.iter();
    let mut groups: Vec<Group> = segments
        .map(|segment| Group {
            segment: Some(segment.code.clone()),
            name: segment.name.clone(),
            spend: segment.spend.clone(),
            level: spend(&segment.spend),
        })
        .collect();
    groups.push(Group {
        segment: None,
        name: "No segment".to_owned(),
        spend: String::new(),
        level: None,
    });
    groups
}

/// A segment that was archived is none to the reader.
fn place(design: &Design, segment: Option<&str>) -> usize {
    let known = segment.and_then(|code| design.segment_index(code));
    known.unwrap_or(design.framework.segments.len())
}

pub fn grid(design: &Design, worth: &[Worth], touched: &[Touched]) -> Grid {
    let groups = groups(design);
    let has_unknown = worth.iter().any(|row| Tier::parse(&row.tier) == Some(Tier::Unknown));
    let tiers: Vec<Tier> = Tier::ALL
        .into_iter()
        .filter(|tier| *tier != Tier::Unknown || has_unknown)
        .collect();
    let row_of = |tier: &str| tiers.iter().position(|known| Some(*known) == Tier::parse(tier));
    let mut cells = vec![vec![Cell::default(); groups.len()]; tiers.len()];
    for row in worth {
        if let Some(at) = row_of(&row.tier) {
            let cell = &mut cells[at][place(design, row.segment.as_deref())];
            *cell.companies.get_mut(row.tenure) += row.companies.unsigned_abs();
            cell.revenue += row.revenue;
        }
    }
    for row in touched {
        if let Some(at) = row_of(&row.tier) {
            let touches = &mut cells[at][place(design, row.segment.as_deref())].touches;
            let n = row.touches.unsigned_abs();
            match row.kind.as_str() {
                "mail" => touches.mails += n,
                "conversation" => touches.conversations += n,
                _ => touches.deals += n,
            }
        }
    }
    let weight = |group: usize| groups[group].level.map_or(1.0, Spend::weight);
    let valued = |tier: usize| tiers[tier] != Tier::Unknown;
    let sum = |is_in: &dyn Fn(usize, usize) -> bool| {
        let mut total = Cell::default();
        let mut weighed = 0.0;
        for (at, row) in cells.iter().enumerate() {
            for (group, cell) in row.iter().enumerate().filter(|(group, _)| is_in(at, *group)) {
                total = joined(&total, cell);
                weighed += cell.revenue * weight(group);
            }
        }
        (total, weighed)
    };
    let (all, all_weighed) = sum(&|tier, _| valued(tier));
    let told = |(cell, weighed): (Cell, f64), is_valued: bool| Cell {
        share_of_revenue: (all.revenue > 0.0).then(|| cell.revenue / all.revenue),
        budget: is_valued.then(|| budget(weighed, all_weighed, cell.touches.sum(), all.touches.sum())),
        ..cell
    };
    let by_group = (0..groups.len())
        .map(|wanted| told(sum(&|tier, group| valued(tier) && group == wanted), true))
        .collect();
    let by_tier = (0..tiers.len())
        .map(|wanted| told(sum(&|tier, _| tier == wanted), valued(wanted)))
        .collect();
    let elsewhere = sum(&|tier, _| !valued(tier)).0;
    let one = |tier: usize, group: usize| {
        let cell = cells[tier][group];
        told((cell, cell.revenue * weight(group)), valued(tier))
    };
    let cells_told = (0..tiers.len())
        .map(|tier| (0..groups.len()).map(|group| one(tier, group)).collect())
        .collect();
    Grid {
        cells: cells_told,
        by_group,
        by_tier,
        all: told((all, all_weighed), true),
        touches_elsewhere: elsewhere.touches.sum(),
        tiers,
        groups,
    }
}

fn joined(a: &Cell, b: &Cell) -> Cell {
    Cell {
        companies: ByTenure::of(|tenure| a.companies.get(tenure) + b.companies.get(tenure)),
        revenue: a.revenue + b.revenue,
        touches: Touches {
            mails: a.touches.mails + b.touches.mails,
            conversations: a.touches.conversations + b.touches.conversations,
            deals: a.touches.deals + b.touches.deals,
        },
        ..Cell::default()
    }
}

/// What the same companies bought in two periods.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Loyalty {
    /// Companies with a revenue in the earlier period, and of these those with one in the later.
    pub earlier: u64,
    pub stayed: u64,
    /// What the former brought, then and later.
    pub earlier_revenue: f64,
    pub later_revenue: f64,
    /// Companies with a revenue in the later period alone, and how much.
    pub begun: u64,
    pub begun_revenue: f64,
}

impl Loyalty {
    /// The share of the companies that bought earlier and still do.
    pub fn retention(&self) -> Option<f64> {
        (self.earlier > 0).then(|| self.stayed as f64 / self.earlier as f64)
    }

    /// What the same companies bring now, over what they brought earlier: 1.1 is ten percent more.
    pub fn growth(&self) -> Option<f64> {
        (self.earlier_revenue > 0.0).then(|| self.later_revenue / self.earlier_revenue)
    }

    fn add(&mut self, row: &Bought) {
        self.earlier += row.earlier.unsigned_abs();
        self.stayed += row.stayed.unsigned_abs();
        self.earlier_revenue += row.earlier_revenue;
        self.later_revenue += row.later_revenue;
        self.begun += row.begun.unsigned_abs();
        self.begun_revenue += row.begun_revenue;
    }

    fn is_empty(&self) -> bool {
        self.earlier == 0 && self.begun == 0
    }
}

impl GrowthGroup {
    /// The share that stays among the new less that among the long-standing.
    pub fn comparison(&self) -> Option<ShareComparison> {
        let (new, long) = (&self.by_tenure.new, &self.by_tenure.long_standing);
        compare::newcombe(new.stayed, new.earlier, long.stayed, long.earlier)
    }
}

pub fn growth(design: &Design, rows: &[Bought]) -> Vec<GrowthGroup> {
    let one = |group: Option<Group>, is_of: &dyn Fn(usize) -> bool| {
        let mut all = Loyalty::default();
        let mut by_tenure: ByTenure<Loyalty> = ByTenure::of(|_: Tenure| Loyalty::default());
        for row in rows.iter().filter(|row| is_of(place(design, row.segment.as_deref()))) {
            all.add(row);
            by_tenure.get_mut(row.tenure).add(row);
        }
        GrowthGroup { group, all, by_tenure }
    };
    let mut told = vec![one(None, &|_| true)];
    let groups = groups(design).into_iter().enumerate();
    told.extend(groups.map(|(at, group)| one(Some(group), &|place| place == at)));
    told.retain(|group| !group.all.is_empty());
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_playbook_says_to_spend_is_read_from_its_first_phrase() {
        for (text, level) in [
            ("Low: inside sales and e-mail; a visit only to close.", Some(Spend::Low)),
            (
                "High: an account manager with a name, two visits a year.",
                Some(Spend::High),
            ),
            (
                "Medium: few meetings, but with the people who build.",
                Some(Spend::Medium),
            ),
            ("Little: mail and self-service.", Some(Spend::Low)),
            ("A lot, on visits", Some(Spend::High)),
            ("Hoch: zwei Besuche im Jahr", Some(Spend::High)),
            ("Two visits a year. High tea.", None),
            ("Slowly", None),
            ("At least two visits a year", None),
            ("At most one mail a quarter", None),
            ("Not much: mail only", None),
            ("Not a lot", None),
            ("", None),
        ] {
            assert_eq!(spend(text), level, "{text}");
        }
    }

    #[test]
    fn the_wish_to_build_together_is_known_by_its_name() {
        for code in ["co-create", "cocreation", "Co_Creation", "co-development"] {
            assert!(is_co_create(code, ""), "{code}");
        }
        assert!(is_co_create("n7", "Co-creating with us") && !is_co_create("innovation", "Innovation"));
    }

    fn worth(tier: &str, segment: Option<&str>, companies: i64, revenue: f64) -> Worth {
        Worth {
            tier: tier.into(),
            segment: segment.map(str::to_owned),
            tenure: Tenure::New,
            companies,
            revenue,
        }
    }

    fn touched(kind: &str, tier: &str, segment: Option<&str>, touches: i64) -> Touched {
        Touched {
            kind: kind.into(),
            tier: tier.into(),
            segment: segment.map(str::to_owned),
            touches,
        }
    }

    fn design() -> Design {
        let toml = r#"
            [[needs]]
            code = "a"
            name = "A"
            level = "tactical"
            [[needs]]
            code = "b"
            name = "B"
            level = "tactical"
            [[segments]]
            code = "x"
            name = "X"
            profile = { a = 100 }
            spend = "High: visits"
            [[segments]]
            code = "y"
            name = "Y"
            profile = { b = 100 }
            spend = "Low: mail"
        "#;
        Design::empty().foreseen(crate::framework::read::toml(toml).unwrap())
    }

    #[test]
    fn the_budget_follows_revenue_and_what_the_playbook_says() {
        let rows = [
            worth("A", Some("x"), 2, 600.0),
            worth("C", Some("y"), 3, 200.0),
            worth("B", None, 1, 100.0),
            worth("unknown", Some("y"), 4, 0.0),
            // A segment that was archived is none.
            worth("B", Some("gone"), 1, 100.0),
        ];
        let touches = [
            touched("mail", "A", Some("x"), 20),
            touched("conversation", "C", Some("y"), 70),
            touched("deal", "B", None, 10),
            touched("mail", "unknown", Some("y"), 5),
        ];
        let grid = grid(&design(), &rows, &touches);
        assert_eq!(grid.tiers, Tier::ALL);
        // 600·2, 200·½ and 200·1 of 1500.
        let suggested: Vec<f64> = grid
            .by_group
            .iter()
            .map(|cell| cell.budget.unwrap().suggested.unwrap())
            .collect();
        for (found, expected) in suggested.iter().zip([0.8, 100.0 / 1500.0, 200.0 / 1500.0]) {
            assert!((found - expected).abs() < 1e-12, "{suggested:?}");
        }
        let advice: Vec<Advice> = grid.by_group.iter().map(|cell| cell.budget.unwrap().advice).collect();
        assert_eq!(advice, [Advice::More, Advice::Less, Advice::Keep]);
        assert_eq!((grid.all.companies.sum(), grid.all.touches.sum()), (7, 100));
        assert_eq!((grid.touches_elsewhere, grid.cells[3][1].companies.sum()), (5, 4));
        assert_eq!(grid.cells[3][1].budget, None);
        assert_eq!(grid.cells[1][2].companies.sum(), 2);
        assert_eq!(grid.by_tier[0].share_of_revenue, Some(0.6));
    }

    #[test]
    fn a_handful_of_touches_says_nothing_and_a_small_gap_is_left_alone() {
        assert_eq!(budget(1.0, 2.0, 0, FEW_TOUCHES - 1).advice, Advice::CannotTell);
        assert_eq!(budget(0.0, 0.0, 10, 100).advice, Advice::CannotTell);
        assert_eq!(budget(51.0, 100.0, 50_000, 100_000).advice, Advice::Keep, "one point");
        assert_eq!(budget(60.0, 100.0, 15, 30).advice, Advice::Keep, "chance");
        assert_eq!(budget(60.0, 100.0, 150, 300).advice, Advice::More);
    }

    #[test]
    fn staying_and_growing_are_told_of_the_same_companies() {
        let row = |segment: &str, tenure, earlier, stayed, earlier_revenue, later_revenue| Bought {
            segment: Some(segment.into()),
            tenure,
            earlier,
            stayed,
            earlier_revenue,
            later_revenue,
            begun: 1,
            begun_revenue: 50.0,
        };
        let rows = [
            row("x", Tenure::New, 4, 2, 100.0, 90.0),
            row("x", Tenure::LongStanding, 6, 6, 300.0, 390.0),
        ];
        let groups = growth(&design(), &rows);
        assert_eq!(groups.len(), 2, "all and x");
        let x = &groups[1];
        assert_eq!((x.all.retention(), x.all.growth()), (Some(0.8), Some(1.2)));
        assert_eq!(x.by_tenure.new.retention(), Some(0.5));
        assert_eq!(
            (x.by_tenure.unknown.retention(), x.by_tenure.unknown.growth()),
            (None, None)
        );
        assert_eq!((x.all.begun, x.all.begun_revenue), (2, 100.0));
        assert!((x.comparison().unwrap().difference + 0.5).abs() < 1e-12);
    }
}
