package dev.millrace.tokenizer.template;

import java.util.List;

/// What can be assigned to.
sealed interface Target {
    record Variable(String name) implements Target {}

    /// `namespace.attribute`
    record NamespaceAttribute(String namespace, String attribute) implements Target {}

    /// `a, (b, c)`
    record Unpacking(List<Target> targets) implements Target {}
}
