package dev.millrace.tokenizer.template;

/// HTML-escaped text: what `escape` and `safe` make. Plain text added to it is escaped first.
final class Markup {
    private Markup() {}

    /// The text with `&`, `<`, `>` and quotes escaped, unless it already is markup.
    static StringValue escape(Meter meter, StringValue value) {
        return value.isMarkup() ? value : forceEscape(meter, value);
    }

    static StringValue forceEscape(Meter meter, StringValue value) {
        String text = value.text();
        TextBuilder escaped = new TextBuilder(meter);
        int copied = 0;
        for (int i = 0; i < text.length(); i++) {
            String entity = switch (text.charAt(i)) {
                case '&' -> "&amp;";
                case '<' -> "&lt;";
                case '>' -> "&gt;";
                case '\'' -> "&#39;";
                case '"' -> "&#34;";
                default -> "";
            };
            if (!entity.isEmpty()) {
                escaped.append(value, copied, i);
                escaped.append(value.slice(i, i + 1).derive(entity));
                copied = i + 1;
            }
        }
        return escaped.append(value, copied, text.length()).build().asMarkup();
    }

    /// `left + right`.
    static StringValue concatenate(Meter meter, StringValue left, StringValue right) {
        if (!left.isMarkup() && !right.isMarkup()) {
            return new TextBuilder(meter).append(left).append(right).build();
        }
        return new TextBuilder(meter)
                .append(escape(meter, left))
                .append(escape(meter, right))
                .build()
                .asMarkup();
    }

    /// The argument of a method of `owner`: escaped where the owner is markup.
    static StringValue argument(Meter meter, StringValue owner, StringValue argument) {
        return owner.isMarkup() ? escape(meter, argument) : argument;
    }

    /// A result built from `owner`'s characters: markup where the owner is.
    static StringValue like(StringValue owner, StringValue result) {
        return owner.isMarkup() ? result.asMarkup() : result;
    }
}
