package dev.millrace.tokenizer.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The arguments of a call as written.
///
/// @param positional in order
/// @param named in order
/// @param morePositional the operand of `*`, or null
/// @param moreNamed the operand of `**`, or null
record CallArguments(
        List<Expression> positional,
        List<Named> named,
        @Nullable Expression morePositional,
        @Nullable Expression moreNamed) {
    static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null);

    boolean isEmpty() {
        return positional.isEmpty() && named.isEmpty() && morePositional == null && moreNamed == null;
    }

    record Named(String name, Expression value) {}
}
