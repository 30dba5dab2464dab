package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.SubmittedSequence;
import java.util.List;
import java.util.Set;

/// A request that was checked and encoded.
///
/// @param promptTokens tokens of the prompt
/// @param orders one sequence a choice, without ids
/// @param stops strings that end a choice
/// @param endTokenIds tokens that end a choice and yield no text
record PreparedRequest(int promptTokens, List<SubmittedSequence> orders, List<String> stops, Set<Integer> endTokenIds) {
    PreparedRequest {
        orders = List.copyOf(orders);
        stops = List.copyOf(stops);
        endTokenIds = Set.copyOf(endTokenIds);
    }
}
