package dev.millrace.gateway.openai;

import dev.millrace.proto.v1.GenerateRequest;
import java.util.List;

/// A request that was checked: what to generate and how to answer.
///
/// @param shape chat or plain completion
/// @param id the answer's id
/// @param createdSeconds when it was asked for, in seconds since 1970
/// @param model the model's id as the client wrote it
/// @param streamed true when the answer is a stream of events
/// @param usageWanted true when a stream ends with the token counts
/// @param logprobsWanted true when log probabilities are part of the answer
/// @param prompts one generation a prompt
record AnswerPlan(
        AnswerShape shape,
        String id,
        long createdSeconds,
        String model,
        boolean streamed,
        boolean usageWanted,
        boolean logprobsWanted,
        List<GenerateRequest> prompts) {

    int choicesPerPrompt() {
        return prompts.getFirst().getChoices();
    }

    int choices() {
        return prompts.size() * choicesPerPrompt();
    }
}
