package dev.millrace.tokenizer.template;

import java.util.function.UnaryOperator;

/// An immutable string that remembers which of its characters the template wrote.
///
/// Positions in `slice` and `codePointAt` style methods are UTF-16 indexes; {@link #length} and {@link #offset} speak
/// Python's language of code points.
final class StringValue implements Value {
    static final StringValue EMPTY = trusted("");

    private final String text;
    private final Provenance provenance;
    private final boolean markup;

    StringValue(String text, Provenance provenance, boolean markup) {
        this.text = text;
        this.provenance = text.isEmpty() ? Provenance.TRUSTED : provenance;
        this.markup = markup;
    }

    static StringValue trusted(String text) {
        return of(text, true);
    }

    static StringValue of(String text, boolean trusted) {
        return new StringValue(text, Provenance.of(trusted), false);
    }

    String text() {
        return text;
    }

    Provenance provenance() {
        return provenance;
    }

    boolean isWhollyTrusted() {
        return provenance.isWhollyTrusted();
    }

    /// True for text marked `safe` or escaped: adding plain text to it escapes that text.
    boolean isMarkup() {
        return markup;
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    /// The number of code points.
    int length() {
        return text.codePointCount(0, text.length());
    }

    /// The UTF-16 index of a code point's index.
    int offset(int codePoints) {
        return text.offsetByCodePoints(0, codePoints);
    }

    StringValue slice(int start, int end) {
        if (start == 0 && end == text.length()) {
            return this;
        }
        return new StringValue(text.substring(start, end), provenance.slice(start, end), markup);
    }

    /// Applies a mapping of characters that keeps their order, such as a change of case. Where the length changes and
    /// the provenance is mixed, all of it becomes untrusted.
    StringValue map(UnaryOperator<String> mapping) {
        String mapped = mapping.apply(text);
        boolean aligned = provenance.isUniform() || mapped.length() == text.length();
        return new StringValue(mapped, aligned ? provenance : Provenance.UNTRUSTED, markup);
    }

    /// A text derived from this one in a way that loses positions: trusted only if all of this one is.
    StringValue derive(String derived) {
        return new StringValue(derived, Provenance.of(isWhollyTrusted()), markup);
    }

    StringValue asMarkup() {
        return markup ? this : new StringValue(text, provenance, true);
    }

    StringValue asPlain() {
        return markup ? new StringValue(text, provenance, false) : this;
    }

    @Override
    public String typeName() {
        return markup ? "Markup" : "str";
    }
}
