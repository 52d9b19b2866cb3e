//! The charts as filters of templates: `{{ report.score | gauge }}`.

use super::{bar, bullet, funnel, gauge, heat, radar, slope, spark, stack};
use serde::de::DeserializeOwned;
use tera::{Kwargs, State, Tera, Value};

/// Makes every chart known to an engine. A value that does not fit a chart draws nothing.
pub fn register(engine: &mut Tera) {
    chart(engine, "gauge", gauge::gauge);
    chart(engine, "bullet", bullet::bullet);
    chart(engine, "spark", spark::spark);
    chart(engine, "radar", radar::radar);
    chart(engine, "bar", bar::bar);
    chart(engine, "spread", bar::spread);
    chart(engine, "stack", stack::stack);
    chart(engine, "stacks", stack::stacks);
    chart(engine, "funnel", funnel::step);
    chart(engine, "heat", heat::row);
    chart(engine, "slope", slope::slope);
}

fn chart<T: DeserializeOwned + 'static>(engine: &mut Tera, name: &'static str, draw: fn(&T) -> String) {
    engine.register_filter(name, move |value: &Value, _: Kwargs, _: &State| {
        let read = T::deserialize(value).ok();
        Value::safe_string(&read.map(|v| draw(&v)).unwrap_or_default())
    });
}
