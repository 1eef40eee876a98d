//! What is in the scenes, and the tags it is labeled with.

use uuid::Uuid;

use domain::TagId;

/// A kind of object; also its tag's place among [`TAGS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Bottle,
    Can,
    Box,
    Jar,
    Pouch,
    SixPack,
    Label,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct SampleTag {
    pub(super) id: TagId,
    pub(super) name: &'static str,
    pub(super) description: Option<&'static str>,
    pub(super) kind: &'static str,
}

/// The eight tags: seven kinds of objects, then the negative one.
pub(super) const TAGS: [SampleTag; 8] = [
    regular(0x3f1c_6a52_8d0b_4e97_a1c4_5b7e_2d90_8f13, "bottle", None),
    regular(0x7b94_02de_61f5_4c38_9ae0_13d7_c58b_462f, "can", None),
    regular(0xc2d8_5e17_0a4b_4f6c_8b35_90ef_7a16_d3e4, "box", Some("Cardboard and folding boxes")),
    regular(0x19e6_b7f3_54c2_4da8_b06d_e821_3f4c_97a5, "jar", None),
    regular(0x8a50_d91b_e736_4072_93fc_6c1e_b248_05d7, "pouch", None),
    regular(
        0x5d37_fc84_b92e_4b15_a7d8_02e9_614f_cb36,
        "carton of six, shrink-wrapped, returnable bottles (count as one)",
        Some("A name as long as people really make them"),
    ),
    regular(0xe40b_2396_7fd1_4a5e_8c92_b7a3_d05e_1f68, "ラベル", Some("Price card")),
    SampleTag { kind: "Negative", ..regular(0x2ac7_4f08_d3b6_4159_b5e1_8d60_9c72_fe4b, "empty shelf", None) },
];

pub(super) const NEGATIVE: usize = 7;

const fn regular(id: u128, name: &'static str, description: Option<&'static str>) -> SampleTag {
    SampleTag { id: TagId(Uuid::from_u128(id)), name, description, kind: "Regular" }
}

impl Kind {
    pub(super) const fn tag(self) -> usize {
        self as usize
    }

    /// Width over height, and height over the free height of its shelf: the lowest and the highest of both.
    pub(super) const fn proportions(self) -> ([f32; 2], [f32; 2]) {
        match self {
            Self::Bottle => ([0.27, 0.34], [0.80, 0.97]),
            Self::Can => ([0.52, 0.60], [0.44, 0.58]),
            Self::Box => ([0.62, 1.15], [0.46, 0.86]),
            Self::Jar => ([0.66, 0.84], [0.44, 0.60]),
            Self::Pouch => ([0.64, 0.78], [0.60, 0.80]),
            Self::SixPack => ([0.86, 1.02], [0.62, 0.76]),
            Self::Label => ([1.25, 1.60], [1.0, 1.0]),
        }
    }
}
