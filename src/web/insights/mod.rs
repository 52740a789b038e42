//! Figures for whoever wants to know more than the dashboard tells: one file for each page, in the
//! frame that [`frame`] describes.

pub mod agreement;
mod beside;
pub mod drivers;
pub mod discover;
pub mod file;
pub mod form;
pub mod frame;
mod growth;
pub mod map;
pub mod overlay;
pub mod overview;
pub mod sales_tags;
pub mod table;
pub mod views;
pub mod tenure;
mod wording;
pub mod trend;
pub mod value;
