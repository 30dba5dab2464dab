package dev.millrace.gateway.openai;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.generation.AnswerEvent;
import dev.millrace.gateway.json.JsonText;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationFinished;
import org.jspecify.annotations.Nullable;

/// Gathers the events of one request into an answer in one piece.
final class WholeAnswer {
    private final AnswerPlan plan;
    private final Choices choices;
    private final TokenUsage usage;
    private final Choice[] parts;

    WholeAnswer(AnswerPlan plan) {
        this.plan = plan;
        this.choices = new Choices(plan);
        this.usage = new TokenUsage(plan.prompts().size());
        this.parts = new Choice[plan.choices()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new Choice(plan.logprobsWanted() ? plan.shape().newLogprobs() : null);
        }
    }

    void accept(PromptEvent indexed) {
        int prompt = indexed.prompt();
        switch (indexed.event()) {
            case AnswerEvent.Started started -> usage.started(started.facts().getPromptTokens());
            case AnswerEvent.Delta delta -> parts[choices.index(prompt, delta.choice())].add(delta);
            case AnswerEvent.Finished end -> {
                GenerationFinished finished = end.facts();
                int index = choices.index(prompt, finished.getChoice());
                choices.finish(index);
                usage.finished(prompt, finished);
                parts[index].reason = finished.getReason();
            }
        }
    }

    /// The answer; every choice must have ended.
    String toJson() {
        if (!choices.complete()) {
            throw ApiError.serverError("the tokenizer-service ended the answer too early")
                    .exception();
        }
        StringBuilder out = new StringBuilder(512).append("{\"id\":");
        JsonText.quote(out, plan.id());
        out.append(",\"object\":");
        JsonText.quote(out, plan.shape().wholeObject());
        out.append(",\"created\":").append(plan.createdSeconds()).append(",\"model\":");
        JsonText.quote(out, plan.model());
        out.append(",\"choices\":[");
        for (int i = 0; i < parts.length; i++) {
            out.append(i == 0 ? "{\"index\":" : ",{\"index\":").append(i).append(',');
            appendPart(out, parts[i]);
        }
        out.append("],\"usage\":");
        usage.appendTo(out);
        return out.append('}').toString();
    }

    private void appendPart(StringBuilder out, Choice part) {
        plan.shape().appendWhole(out, part.text);
        out.append(",\"logprobs\":");
        if (part.logprobs == null) {
            out.append("null");
        } else {
            part.logprobs.drainTo(out);
        }
        out.append(",\"finish_reason\":\"").append(Choices.reason(part.reason)).append("\"}");
    }

    /// What came of one choice so far.
    private static final class Choice {
        final StringBuilder text = new StringBuilder();
        final @Nullable LogprobsWriter logprobs;
        FinishReason reason = FinishReason.FINISH_REASON_UNSPECIFIED;

        Choice(@Nullable LogprobsWriter logprobs) {
            this.logprobs = logprobs;
        }

        void add(AnswerEvent.Delta delta) {
            text.append(delta.text());
            if (logprobs != null) {
                for (GeneratedToken token : delta.details()) {
                    logprobs.add(token);
                }
            }
        }
    }
}
