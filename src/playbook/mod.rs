//! Room `playbook`.
