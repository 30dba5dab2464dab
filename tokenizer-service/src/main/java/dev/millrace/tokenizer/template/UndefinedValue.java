package dev.millrace.tokenizer.template;

/// jinja2's `Undefined`: prints as nothing, is false and empty, and fails on every other use.
///
/// @param reason what a failing use says
record UndefinedValue(String reason) implements Value {
    /// Marks a variable that its scope declares but has not set.
    static final UndefinedValue MISSING = new UndefinedValue("missing");

    static boolean isMissing(Value value) {
        return Identity.same(value, MISSING);
    }

    static UndefinedValue variable(String name) {
        return new UndefinedValue("'" + name + "' is undefined");
    }

    static UndefinedValue attribute(Value owner, String name) {
        return new UndefinedValue("'" + describe(owner) + "' has no attribute '" + shortened(name) + "'");
    }

    static UndefinedValue element(Value owner, Value key) {
        if (key instanceof StringValue name) {
            return attribute(owner, name.text());
        }
        String shown = key instanceof IntegerValue integer ? integer.value().toString() : "of type " + key.typeName();
        return new UndefinedValue(describe(owner) + " has no element " + shown);
    }

    static UndefinedValue unsafe(Value owner, String name) {
        return new UndefinedValue("access to attribute '" + name + "' of '" + owner.typeName() + "' object is unsafe.");
    }

    /// Names come from anywhere and can be of any length.
    private static String shortened(String name) {
        return name.length() > 100 ? name.substring(0, 100) + "..." : name;
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
