//! Whether what is written down twice, for speed, says the same twice.

use diesel::prelude::*;
use dripline::ids::CompanyId;
use dripline::store::schema::company_evidence;
use dripline::store::{Db, Error};
use dripline::{design, needs};

/// Each company's packed figures are those of its rows, need by need, for the needs of the framework in force.
pub fn assert_packed(db: &Db) {
    let (design, packed, rows) = db
        .read_now(|conn| {
            let design = design::current(conn)?;
            let packed: Vec<(i64, Option<Vec<u8>>)> = company_evidence::table
                .order(company_evidence::company_id)
                .select((company_evidence::company_id, company_evidence::scores))
                .load(conn)?;
            let ids: Vec<CompanyId> = packed.iter().map(|(id, _)| CompanyId(*id)).collect();
            Ok::<_, Error>((design, packed, needs::list_of_companies(conn, &ids)?))
        })
        .unwrap();
    let known = &design.framework.needs;
    for (company, scores) in packed {
        let mut figures = vec![None; known.len()];
        needs::unpack(known, &scores.expect("what is written now is packed"), &mut figures).unwrap();
        for (need, figure) in known.iter().zip(figures) {
            let row = rows
                .iter()
                .find(|row| row.company_id == company && row.need == need.code);
            assert_eq!(
                figure.map(|figure| (figure.score, figure.se, figure.r_wg)),
                row.map(|row| (row.score, row.se, row.r_wg)),
                "company {company}, {}",
                need.code
            );
        }
    }
}
