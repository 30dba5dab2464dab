package dev.millrace.tokenizer.template;

import java.util.List;

/// A macro or the body of a call block.
///
/// @param name empty for the body of a call block
/// @param defaults values of the last parameters
/// @param catchesCaller whether the body uses `caller`
/// @param catchesNamed whether the body uses `kwargs`
/// @param catchesPositional whether the body uses `varargs`
record Procedure(
        String name,
        List<String> parameters,
        List<Expression> defaults,
        boolean catchesCaller,
        boolean catchesNamed,
        boolean catchesPositional,
        Statement.Block body) {}
