//! Room `expr`.
