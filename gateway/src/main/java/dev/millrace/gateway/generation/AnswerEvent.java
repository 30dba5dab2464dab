package dev.millrace.gateway.generation;

import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.GenerationStarted;
import java.util.List;

/// What a generation brings, as far as the gateway has a use for it.
public sealed interface AnswerEvent {
    /// Every choice was accepted.
    record Started(GenerationStarted facts) implements AnswerEvent {}

    /// New text of a choice.
    ///
    /// @param choice which one, from 0
    /// @param text what became certain, possibly empty
    /// @param tokens how many tokens it is of
    /// @param details an entry a token where log probabilities were asked for, otherwise empty
    record Delta(int choice, String text, int tokens, List<GeneratedToken> details) implements AnswerEvent {}

    /// The end of a choice.
    record Finished(GenerationFinished facts) implements AnswerEvent {}
}
