//! A QR code as a path of an SVG picture: nothing is loaded from elsewhere, and no secret leaves the page.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::{Color, QrCode};

/// A QR code: each unit is one dark or light square.
#[derive(Debug)]
pub(crate) struct Picture {
    /// How wide it is, with the margin that readers need around it.
    pub(crate) size: usize,
    /// The dark squares, as the `d` of a path.
    pub(crate) path: String,
}

/// Light squares around a code (ISO/IEC 18004).
const MARGIN: usize = 4;

impl Picture {
    /// What authenticator apps read: the format that they share, `otpauth://totp/…`.
    pub(crate) fn of_app(product: &str, account: &str, secret: &str) -> Self {
        let [product, account] =
            [product, account].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
        // What does not fit into a code any more would be a name of two thousand characters: without a name it fits.
        let code = QrCode::new(format!(
            "otpauth://totp/{product}:{account}?secret={secret}&issuer={product}"
        ))
        .or_else(|_| QrCode::new(format!("otpauth://totp/hikeshi?secret={secret}")));
        code.map_or(Self { size: 0, path: String::new() }, |code| Self::of(&code))
    }

    fn of(code: &QrCode) -> Self {
        let width = code.width();
        let colors = code.to_colors();
        let mut path = String::new();
        for (at, _) in colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            let (x, y) = (at % width + MARGIN, at / width + MARGIN);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
        Self { size: width + 2 * MARGIN, path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three corners by which a reader finds a code are where they belong.
    #[test]
    fn a_code_has_its_corners_and_its_margin() {
        let picture = Picture::of_app("火消し & co", "佐藤/a", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let last = picture.size - MARGIN - 7;
        for (x, y) in [(MARGIN, MARGIN), (last, MARGIN), (MARGIN, last)] {
            for step in 0..7 {
                assert!(picture.path.contains(&format!("M{} {y}h1", x + step)), "{x} {y}");
            }
            assert!(!picture.path.contains(&format!("M{} {}h1", x + 1, y + 1)), "a light ring");
        }
        assert!(!picture.path.contains("M3 ") && !picture.path.contains(" 3h"), "a margin");
        assert!(Picture::of_app("x", &"長".repeat(2000), "GEZD").size > 20);
    }
}
