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
    /// All the roles that it needs, and all that it can use. Empty: it does not say.
    pub roles: &'static [Role],
}

/// A role of the bundle's that a strategy asks things of.
#[derive(Clone, Copy)]
pub struct Role {
    flags: u32,
    name: &'static str,
    param: &'static str,
    unless: (&'static str, &'static str),
    help: &'static str,
}

impl Role {
    /// A model that continues text. The strategy needs it.
    pub const fn model(name: &'static str, help: &'static str) -> Role {
        Role { flags: 0, name, param: "", unless: ("", ""), help }
    }
    /// A verifier, which scores. The strategy needs it.
    pub const fn verifier(name: &'static str, help: &'static str) -> Role {
        Role { flags: abi::ROLE_VERIFIER, ..Role::model(name, help) }
    }
    /// Used if the bundle has it.
    pub const fn optional(self) -> Role {
        Role { flags: self.flags | abi::ROLE_OPTIONAL, ..self }
    }
    /// Of the name that the value of the parameter `id` has.
    pub const fn named_by(self, id: &'static str) -> Role {
        Role { name: "", param: id, ..self }
    }
    /// Not used while the parameter `id` has this value.
    pub const fn unless(self, id: &'static str, value: &'static str) -> Role {
        Role { unless: (id, value), ..self }
    }

    /// In C's layout; what it points to is static.
    pub(crate) fn descriptor(&self) -> abi::Role {
        let text = |text: &'static str| abi::Str::new(text.as_bytes());
        abi::Role {
            struct_size: std::mem::size_of::<abi::Role>() as u32,
            flags: self.flags,
            name: text(self.name),
            param: text(self.param),
            unless_param: text(self.unless.0),
            unless_value: text(self.unless.1),
            help: text(self.help),
        }
    }
}

#[derive(Clone, Copy)]
enum Fallback {
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(&'static str),
    Derived(&'static str),
    Required,
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

    /// The same parameter without a default: the user has to give it, and the host sees to that.
    pub const fn required(self) -> Param {
        Param { fallback: Fallback::Required, ..self }
    }

    /// How many answers to sample.
    pub const N: Param = Param::derived_integer(
        "n", "answers to sample, never more than the budget has", "the budget's generations, else 16", 1, 4096);
    /// How varied they are.
    pub const TEMPERATURE: Param = Param::real("temperature", "of sampling; 0 takes the most likely token", 0.8, 0.0, 10.0);

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
            Fallback::Required => {}
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
            flags: if matches!(self.fallback, Fallback::Required) { abi::PARAM_REQUIRED } else { 0 },
            reserved: 0,
        }
    }
}
