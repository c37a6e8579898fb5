//! stratagem.h, ABI 1.1, as Rust sees it. The header's comments are the contract.
#![allow(missing_docs)]

use std::ffi::c_void;
use std::os::raw::c_char;

pub const MAGIC: u64 = 0x3147_4154_5254_530A;
pub const MAJOR: u16 = 1;
pub const MINOR: u16 = 1;

pub const OK: i32 = 0;
pub const ERROR: i32 = 1;
pub const INVALID_ARGUMENT: i32 = 2;
pub const UNSUPPORTED: i32 = 3;
pub const OUT_OF_MEMORY: i32 = 4;
pub const NOT_FOUND: i32 = 5;

pub const VALUE_NONE: i32 = 0;
pub const VALUE_INT: i32 = 1;
pub const VALUE_FLOAT: i32 = 2;
pub const VALUE_BOOL: i32 = 3;
pub const VALUE_TEXT: i32 = 4;
pub const VALUE_BYTES: i32 = 5;

pub const ASK_SAMPLE: i32 = 1;
pub const ASK_SCORE: i32 = 2;
pub const ASK_APPEND: i32 = 3;
pub const ASK_REVISE: i32 = 4;
pub const ASK_RUN: i32 = 5;

pub const EVENT_START: i32 = 1;
pub const EVENT_RESULTS: i32 = 2;

pub const NEXT_ASKS: i32 = 1;
pub const NEXT_DONE: i32 = 2;

pub const NODE_FINISHED: u32 = 1;
pub const NODE_TRUNCATED: u32 = 2;
pub const NODE_SCORED: u32 = 4;
pub const NODE_ANSWERED: u32 = 8;

pub const UNLIMITED: u64 = u64::MAX;
pub const STRATEGY_BATCH: u32 = 1;
pub const PARAM_REQUIRED: u32 = 1;
pub const ROLE_VERIFIER: u32 = 1;
pub const ROLE_OPTIONAL: u32 = 2;

pub const PARAM_INT: i32 = 1;
pub const PARAM_FLOAT: i32 = 2;
pub const PARAM_BOOL: i32 = 3;
pub const PARAM_CHOICE: i32 = 4;
pub const PARAM_TEXT: i32 = 5;
pub const PARAM_FILE: i32 = 6;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub data: *const c_char,
    pub size: usize,
}

impl Str {
    pub const EMPTY: Str = Str { data: std::ptr::null(), size: 0 };

    pub fn new(bytes: &[u8]) -> Str {
        if bytes.is_empty() { Str::EMPTY } else { Str { data: bytes.as_ptr().cast(), size: bytes.len() } }
    }

    /// # Safety
    /// The bytes must be there for all of `'a`.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.data.is_null() { &[] } else { std::slice::from_raw_parts(self.data.cast(), self.size) }
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Value {
    pub kind: i32,
    pub reserved: i32,
    pub i: i64,
    pub f: f64,
    pub s: Str,
}

impl Value {
    pub const NONE: Value = Value { kind: VALUE_NONE, reserved: 0, i: 0, f: 0.0, s: Str::EMPTY };
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct NamedValue {
    pub name: Str,
    pub value: Value,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Ask {
    pub struct_size: u32,
    pub kind: i32,
    pub tag: u64,
    pub role: Str,
    pub node: u64,
    pub count: u32,
    pub steps: u32,
    pub max_tokens: u32,
    pub problem: u32,
    pub temperature: f64,
    pub top_p: f64,
    pub min_p: f64,
    pub nodes: *const u64,
    pub node_count: usize,
    pub text: Str,
    pub params: *const NamedValue,
    pub param_count: usize,
    pub share: f64,
    pub max_generations: u64,
    pub max_tokens_total: u64,
}

#[repr(C)]
pub struct Told {
    pub struct_size: u32,
    pub outcome: i32,
    pub tag: u64,
    pub nodes: *const u64,
    pub node_count: usize,
}

#[repr(C)]
pub struct Tell {
    pub struct_size: u32,
    pub event: i32,
    pub told: *const Told,
    pub told_count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Answer {
    pub node: u64,
    pub weight: f64,
}

#[repr(C)]
pub struct Next {
    pub struct_size: u32,
    pub kind: i32,
    pub asks: *const Ask,
    pub ask_count: usize,
    pub answers: *const Answer,
    pub answer_count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct NodeInfo {
    pub struct_size: u32,
    pub flags: u32,
    pub parent: u64,
    pub problem: u32,
    pub depth: u32,
    pub steps: u32,
    pub tokens: u32,
    pub log_probability: f64,
    pub score: f64,
    pub text: Str,
    pub answer: Str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Budget {
    pub struct_size: u32,
    pub reserved: u32,
    pub generations: u64,
    pub tokens: u64,
    pub flops: f64,
    pub seconds: f64,
    pub generations_spent: u64,
    pub tokens_spent: u64,
    pub flops_spent: f64,
    pub seconds_spent: f64,
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub host_data: *mut c_void,
    pub get_node: unsafe extern "C" fn(*const Host, u64, *mut NodeInfo) -> i32,
    pub step_scores: unsafe extern "C" fn(*const Host, u64, *mut f64, usize, *mut usize) -> i32,
    pub get_budget: unsafe extern "C" fn(*const Host, *mut Budget) -> i32,
    pub random: unsafe extern "C" fn(*const Host) -> u64,
    pub has_role: unsafe extern "C" fn(*const Host, Str) -> i32,
    pub log: unsafe extern "C" fn(*const Host, i32, Str),
    pub set_error: unsafe extern "C" fn(*const Host, i32, Str),
    pub get_extension: unsafe extern "C" fn(*const Host, Str) -> *const c_void,
    /// Of 1.1: there only if struct_size says so.
    pub generations_left: Option<unsafe extern "C" fn(*const Host, u64, u32, *mut u64) -> i32>,
}

#[repr(C)]
pub struct Param {
    pub struct_size: u32,
    pub kind: i32,
    pub id: Str,
    pub help: Str,
    pub fallback: Value,
    pub fallback_text: Str,
    pub min: f64,
    pub max: f64,
    pub choices: *const Str,
    pub choice_count: usize,
    pub flags: u32,
    pub reserved: u32,
}

#[repr(C)]
pub struct Role {
    pub struct_size: u32,
    pub flags: u32,
    pub name: Str,
    pub param: Str,
    pub unless_param: Str,
    pub unless_value: Str,
    pub help: Str,
}

#[repr(C)]
pub struct Problem {
    pub struct_size: u32,
    pub reserved: u32,
    pub text: Str,
    pub root: u64,
}

#[repr(C)]
pub struct CreateInfo {
    pub struct_size: u32,
    pub problem_count: u32,
    pub problems: *const Problem,
    pub params: *const Value,
    pub param_count: usize,
    pub strategy: *const Strategy,
}

/// The plugin's own: the host only hands it back.
pub enum Instance {}

pub type Create = unsafe extern "C" fn(*const Host, *const CreateInfo, *mut *mut Instance) -> i32;
pub type Save = unsafe extern "C" fn(*mut Instance, *mut Str) -> i32;
pub type Restore = unsafe extern "C" fn(*const Host, *const CreateInfo, Str, *mut *mut Instance) -> i32;

#[repr(C)]
pub struct Strategy {
    pub struct_size: u32,
    pub flags: u32,
    pub id: Str,
    pub name: Str,
    pub version: Str,
    pub summary: Str,
    pub params: *const Param,
    pub param_count: usize,
    pub create: Option<Create>,
    pub next: Option<unsafe extern "C" fn(*mut Instance, *const Tell, *mut Next) -> i32>,
    pub save: Option<Save>,
    pub restore: Option<Restore>,
    pub destroy: Option<unsafe extern "C" fn(*mut Instance)>,
    pub roles: *const Role,
    pub role_count: usize,
}

#[repr(C)]
pub struct Plugin {
    pub magic: u64,
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub name: Str,
    pub version: Str,
    pub strategies: *const *const Strategy,
    pub strategy_count: usize,
    pub functions: *const c_void,
    pub function_count: usize,
    pub get_extension: *const c_void,
}

/// The sizes of version 1.1: a copy that has gone stale does not compile.
#[cfg(target_pointer_width = "64")]
const _: () = {
    use std::mem::size_of;
    assert!(size_of::<Ask>() == 152 && size_of::<Told>() == 32 && size_of::<Tell>() == 24 && size_of::<Next>() == 40);
    assert!(size_of::<NodeInfo>() == 80 && size_of::<Budget>() == 72 && size_of::<Host>() == 88);
    assert!(size_of::<Param>() == 136 && size_of::<Problem>() == 32 && size_of::<CreateInfo>() == 40);
    assert!(size_of::<Strategy>() == 144 && size_of::<Role>() == 88 && size_of::<Plugin>() == 88);
};
