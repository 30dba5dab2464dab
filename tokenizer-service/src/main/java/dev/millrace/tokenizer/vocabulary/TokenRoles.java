package dev.millrace.tokenizer.vocabulary;

import java.util.OptionalInt;
import java.util.SortedSet;

/// Which tokens begin and end texts.
///
/// @param ends the tokens that end an answer; unmodifiable
record TokenRoles(
        OptionalInt bos,
        OptionalInt eos,
        OptionalInt unknown,
        OptionalInt separator,
        boolean addsBos,
        boolean addsEos,
        boolean addsSeparator,
        SortedSet<Integer> ends) {}
