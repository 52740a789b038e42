//! Domains at which anybody gets an address: a contact there says nothing about its company.

/// Brands that give addresses under the ending of many a country (`yahoo.co.uk`, `gmx.at`).
const BRANDS: [&str; 9] = [
    "aol",
    "gmx",
    "googlemail",
    "hotmail",
    "live",
    "outlook",
    "rediffmail",
    "yahoo",
    "yandex",
];

/// In order, as they are looked up by halving.
const DOMAINS: [&str; 104] = [
    "126.com",
    "139.com",
    "163.com",
    "abv.bg",
    "alice.it",
    "aon.at",
    "arcor.de",
    "att.net",
    "bellsouth.net",
    "bigpond.com",
    "bluewin.ch",
    "bol.com.br",
    "btinternet.com",
    "centrum.cz",
    "charter.net",
    "chello.at",
    "chello.nl",
    "club-internet.fr",
    "comcast.net",
    "cox.net",
    "daum.net",
    "duck.com",
    "email.com",
    "email.cz",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "hanmail.net",
    "hetnet.nl",
    "hey.com",
    "hispeed.ch",
    "home.nl",
    "hushmail.com",
    "icloud.com",
    "ig.com.br",
    "inbox.com",
    "inbox.lv",
    "inbox.ru",
    "interia.pl",
    "kpnmail.nl",
    "laposte.net",
    "libero.it",
    "list.ru",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ee",
    "mail.ru",
    "mailbox.org",
    "mailfence.com",
    "me.com",
    "msn.com",
    "naver.com",
    "neuf.fr",
    "ntlworld.com",
    "o2.pl",
    "onet.pl",
    "online.de",
    "online.no",
    "optusnet.com.au",
    "orange.fr",
    "passport.com",
    "planet.nl",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rocketmail.com",
    "rogers.com",
    "runbox.com",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "shaw.ca",
    "sina.com",
    "skynet.be",
    "sohu.com",
    "sympatico.ca",
    "t-online.de",
    "talktalk.net",
    "telenet.be",
    "terra.com.br",
    "tiscali.it",
    "tuta.com",
    "tuta.io",
    "tutanota.com",
    "ukr.net",
    "uol.com.br",
    "verizon.net",
    "virgilio.it",
    "virginmedia.com",
    "walla.co.il",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "xs4all.nl",
    "ymail.com",
    "ziggo.nl",
];

/// Whether anybody gets an address at `domain`, which is lower-case ASCII as
/// [`super::fold::email_domain`] gives it.
pub fn is_free_mail(domain: &str) -> bool {
    let Some((brand, ending)) = domain.split_once('.') else {
        return false;
    };
    DOMAINS.binary_search(&domain).is_ok() || (BRANDS.contains(&brand) && is_ending(ending))
}

/// `com`, `de`, `co.uk`, `com.br`: what stands where a company's own name cannot.
fn is_ending(ending: &str) -> bool {
    match ending.split_once('.') {
        Some((kind, country)) => matches!(kind, "co" | "com" | "ne") && country.len() == 2,
        None => matches!(ending, "com" | "net") || ending.len() == 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_so_that_each_is_found() {
        assert!(DOMAINS.is_sorted());
        assert!(DOMAINS.iter().all(|domain| is_free_mail(domain)));
    }

    #[test]
    fn a_brand_is_known_in_every_country_but_not_within_a_company() {
        for domain in [
            "yahoo.co.uk",
            "hotmail.fr",
            "gmx.net",
            "live.com",
            "yahoo.com.br",
            "outlook.com",
        ] {
            assert!(is_free_mail(domain), "{domain}");
        }
        for domain in [
            "live.example.com",
            "example.com",
            "gmail.example",
            "mail.gmail.com",
            "x",
            "notgmail.com",
        ] {
            assert!(!is_free_mail(domain), "{domain}");
        }
    }
}
