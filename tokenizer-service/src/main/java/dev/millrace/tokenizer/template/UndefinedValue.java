package dev.millrace.tokenizer.template;

/// jinja2's `Undefined`: prints as nothing, is false and empty, and fails on every other use.
///
/// @param reason what a failing use says
record UndefinedValue(String reason) implements Value {
    /// Marks a variable that its scope declares but has not set.
    static final UndefinedValue MISSING = new UndefinedValue("missing");

    static UndefinedValue variable(String name) {
        return new UndefinedValue("'" + name + "' is undefined");
    }

    static UndefinedValue attribute(Value owner, String name) {
        return new UndefinedValue("'" + describe(owner) + "' has no attribute '" + name + "'");
    }

    static UndefinedValue element(Value owner, Value key, Meter meter) {
        String shown = key instanceof StringValue string
                ? string.text()
                : Display.represent(meter, key).text();
        return key instanceof StringValue
                ? attribute(owner, shown)
                : new UndefinedValue(describe(owner) + " has no element " + shown);
    }

    static UndefinedValue unsafe(Value owner, String name) {
        return new UndefinedValue("access to attribute '" + name + "' of '" + owner.typeName() + "' object is unsafe.");
    }

    private static String describe(Value owner) {
        return owner == NoneValue.NONE ? "None" : owner.typeName() + " object";
    }

    TemplateException failure() {
        return new TemplateException(reason);
    }

    @Override
    public String typeName() {
        return "Undefined";
    }
}
