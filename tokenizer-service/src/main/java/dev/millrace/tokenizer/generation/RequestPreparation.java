package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.tokenizer.model.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/// Checks and encodes a request. The prompt has to fit into the context with room for one token; output that would not
/// fit ends at the context's end, with finish reason length, whatever `max_tokens` says.
final class RequestPreparation {
    private static final int MAXIMUM_CHOICES = 128;

    private final ServedModel model;
    private final PromptEncoder encoder;
    private final LongSupplier seeds;

    /// `seeds` gives the seed of a request that has none.
    RequestPreparation(ServedModel model, PromptEncoder encoder, LongSupplier seeds) {
        this.model = model;
        this.encoder = encoder;
        this.seeds = seeds;
    }

    PreparedRequest prepare(GenerateRequest request) {
        checkChoices(request);
        int[] prompt = encoder.encode(request);
        checkLength(prompt.length, parameter(request));
        Set<Integer> endTokenIds = model.text().endTokenIds();
        SubmittedSequence.Builder order = SubmittedSequence.newBuilder()
                .setMaxTokens(outputLimit(prompt.length, request.getMaxTokens()))
                .addAllEndTokenIds(endTokenIds);
        for (int id : prompt) {
            order.addTokenIds(id);
        }
        long seed = request.getSeedGiven() ? request.getSampling().getSeed() : seeds.getAsLong();
        List<SubmittedSequence> orders = new ArrayList<>(request.getChoices());
        for (int choice = 0; choice < request.getChoices(); choice++) {
            orders.add(order.setSampling(request.getSampling().toBuilder().setSeed(seed + choice))
                    .build());
        }
        return new PreparedRequest(prompt.length, orders, request.getStopList(), endTokenIds);
    }

    private static void checkChoices(GenerateRequest request) {
        int choices = request.getChoices();
        if (choices < 1 || choices > MAXIMUM_CHOICES) {
            throw RequestRefusal.invalid(
                    "n", "n is " + Integer.toUnsignedString(choices) + ", allowed are 1 to " + MAXIMUM_CHOICES + ".");
        }
        if (request.getStopList().contains("")) {
            throw RequestRefusal.invalid("stop", "A stop string must not be empty.");
        }
    }

    private void checkLength(int promptTokens, String parameter) {
        if (promptTokens == 0) {
            throw RequestRefusal.invalid(parameter, "The prompt is empty.");
        }
        if (promptTokens >= model.contextLength()) {
            String numbers = "This model's context length is " + model.contextLength() + " tokens; the prompt has "
                    + promptTokens + " tokens";
            boolean fits = promptTokens == model.contextLength();
            throw RequestRefusal.contextLengthExceeded(
                    parameter, numbers + (fits ? " and leaves no room for an answer." : "."));
        }
    }

    /// `wanted` is unsigned, 0 for no limit.
    private int outputLimit(int promptTokens, int wanted) {
        int room = model.contextLength() - promptTokens;
        return wanted == 0 || Integer.compareUnsigned(wanted, room) > 0 ? room : wanted;
    }

    private static String parameter(GenerateRequest request) {
        return request.hasConversation() ? "messages" : "prompt";
    }
}
