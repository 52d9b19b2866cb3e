//! Room `health`.
