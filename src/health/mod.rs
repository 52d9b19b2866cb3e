//! Facts → judgement: KPIs with intervals, bands, scores, segments, alerts, trend and advice.

mod advice;
mod assess;
mod band;
mod cohort;
mod funnel;
mod handles;
mod interval;
mod lists;
mod members;
mod model;
mod privacy;
mod reading;
mod rollup;
mod score;
mod slug;
mod stage;
mod waiver;
mod weigh;

pub use assess::{Question, assess};
pub use band::{score as band_score, status};
pub use interval::{means_differ, more_trials, proportions_differ, t_interval, wilson};
pub use model::*;
pub use reading::observations;
pub use slug::slugs;
pub use waiver::{WaiverState, waivers};
pub use weigh::{Part, Totals, Weighed, weigh};
