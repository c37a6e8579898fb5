use crate::abi;

/// What a strategy says of itself.
pub struct Info {
    /// Reverse-URI, for ever: `org.example.beam`.
    pub id: &'static str,
    /// What people type: `[a-z0-9-]+`.
    pub name: &'static str,
    pub version: &'static str,
    /// One line.
    pub summary: &'static str,
    pub params: &'static [Param],
    /// One instance may be given several problems.
    pub takes_batch: bool,
}

#[derive(Clone, Copy)]
enum Fallback {
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(&'static str),
    Derived(&'static str),
}

/// A row of the parameter table: what people type, see and may set.
#[derive(Clone, Copy)]
pub struct Param {
    pub(crate) id: &'static str,
    kind: i32,
    help: &'static str,
    fallback: Fallback,
    min: f64,
    max: f64,
    choices: &'static [&'static str],
}

impl Param {
    const fn row(id: &'static str, kind: i32, help: &'static str, fallback: Fallback) -> Param {
        Param { id, kind, help, fallback, min: 0.0, max: 0.0, choices: &[] }
    }

    pub const fn integer(id: &'static str, help: &'static str, fallback: i64, min: i64, max: i64) -> Param {
        Param { min: min as f64, max: max as f64, ..Param::row(id, abi::PARAM_INT, help, Fallback::Int(fallback)) }
    }

    /// Worked out by the strategy if the user gives none; `derived` says how.
    pub const fn derived_integer(id: &'static str, help: &'static str, derived: &'static str, min: i64, max: i64) -> Param {
        Param { min: min as f64, max: max as f64, ..Param::row(id, abi::PARAM_INT, help, Fallback::Derived(derived)) }
    }

    pub const fn real(id: &'static str, help: &'static str, fallback: f64, min: f64, max: f64) -> Param {
        Param { min, max, ..Param::row(id, abi::PARAM_FLOAT, help, Fallback::Float(fallback)) }
    }

    pub const fn flag(id: &'static str, help: &'static str, fallback: bool) -> Param {
        Param::row(id, abi::PARAM_BOOL, help, Fallback::Bool(fallback))
    }

    pub const fn choice(id: &'static str, help: &'static str, fallback: &'static str, choices: &'static [&'static str]) -> Param {
        Param { choices, ..Param::row(id, abi::PARAM_CHOICE, help, Fallback::Text(fallback)) }
    }

    pub const fn text(id: &'static str, help: &'static str, fallback: &'static str) -> Param {
        Param::row(id, abi::PARAM_TEXT, help, Fallback::Text(fallback))
    }

    /// The user names a file; the strategy gets its bytes, and none if none is named.
    pub const fn file(id: &'static str, help: &'static str, derived: &'static str) -> Param {
        Param::row(id, abi::PARAM_FILE, help, Fallback::Derived(derived))
    }

    /// How many answers to sample.
    pub const N: Param = Param::derived_integer(
        "n", "answers to sample, never more than the budget has", "the budget's generations, else 16", 1, 4096);
    /// How varied they are.
    pub const TEMPERATURE: Param = Param::real("temperature", "of sampling; 0 takes the likeliest token", 0.8, 0.0, 10.0);

    /// In C's layout; what it points to is static, or leaked.
    pub(crate) fn descriptor(&self) -> abi::Param {
        let mut fallback = abi::Value::NONE;
        let mut fallback_text = abi::Str::EMPTY;
        match self.fallback {
            Fallback::Int(value) => (fallback.kind, fallback.i) = (abi::VALUE_INT, value),
            Fallback::Float(value) => (fallback.kind, fallback.f) = (abi::VALUE_FLOAT, value),
            Fallback::Bool(value) => (fallback.kind, fallback.i) = (abi::VALUE_BOOL, value.into()),
            Fallback::Text(value) => (fallback.kind, fallback.s) = (abi::VALUE_TEXT, abi::Str::new(value.as_bytes())),
            Fallback::Derived(how) => fallback_text = abi::Str::new(how.as_bytes()),
        }
        let choices: Vec<abi::Str> = self.choices.iter().map(|choice| abi::Str::new(choice.as_bytes())).collect();
        abi::Param {
            struct_size: std::mem::size_of::<abi::Param>() as u32,
            kind: self.kind,
            id: abi::Str::new(self.id.as_bytes()),
            help: abi::Str::new(self.help.as_bytes()),
            fallback,
            fallback_text,
            min: self.min,
            max: self.max,
            choice_count: choices.len(),
            choices: if choices.is_empty() { std::ptr::null() } else { choices.leak().as_ptr() },
        }
    }
}
