//! Figures for whoever wants to know more than the dashboard tells: one file for each page, in the
//! frame that [`frame`] describes.

pub mod discover;
pub mod form;
pub mod frame;
pub mod overview;
pub mod table;
pub mod trend;
