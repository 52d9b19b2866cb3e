//! `qunce` (群策) turns consultants' playbooks and a drop of CSV exports into operating manuals and
//! scored health reports for chat communities.
//!
//! The rooms below are in the order in which data flows; each may use only those above it.

pub mod calendar;
pub mod diagnostic;
pub mod format;
pub mod fs;
pub mod schema;

pub mod config;
pub mod expr;
pub mod playbook;

pub mod data;
pub mod measure;

pub mod gate;
pub mod health;

pub mod report;
pub mod site;

pub mod sample;

pub mod serve;

pub mod cli;
