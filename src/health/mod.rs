//! Facts → judgement: KPIs with intervals, bands, scores, segments, alerts, trend and advice.

mod model;

pub use model::*;
