package dev.millrace.tokenizer.generation;

import com.google.protobuf.ByteString;
import dev.millrace.proto.v1.ApplyTemplateRequest;
import dev.millrace.proto.v1.ApplyTemplateResponse;
import dev.millrace.proto.v1.DetokenizeRequest;
import dev.millrace.proto.v1.DetokenizeResponse;
import dev.millrace.proto.v1.TokenizeRequest;
import dev.millrace.proto.v1.TokenizeResponse;
import dev.millrace.tokenizer.model.ServedModel;
import dev.millrace.tokenizer.model.TextModel;

/// Text and token ids without a pipeline. Each method takes as long as its input is long.
final class TextHandler {
    private final ServedModel served;
    private final TextModel model;
    private final PromptEncoder encoder;

    TextHandler(ServedModel served, PromptEncoder encoder) {
        this.served = served;
        this.encoder = encoder;
        model = served.text();
    }

    TokenizeResponse tokenize(TokenizeRequest request) {
        check(request.getModel());
        TokenizeResponse.Builder response = TokenizeResponse.newBuilder();
        for (int id : model.encode(request.getText(), request.getAddSpecial(), request.getParseSpecial())) {
            response.addTokenIds(id).addPieces(ByteString.copyFrom(model.piece(id)));
        }
        return response.build();
    }

    DetokenizeResponse detokenize(DetokenizeRequest request) {
        check(request.getModel());
        int[] ids = encoder.checked(request.getTokenIdsList(), "tokens");
        return DetokenizeResponse.newBuilder().setText(model.decode(ids)).build();
    }

    ApplyTemplateResponse applyTemplate(ApplyTemplateRequest request) {
        check(request.getModel());
        return ApplyTemplateResponse.newBuilder()
                .setPrompt(encoder.render(request.getConversation()).text())
                .build();
    }

    private void check(String modelId) {
        if (!modelId.equals(served.id())) {
            throw RequestRefusal.unknownModel(modelId);
        }
    }
}
