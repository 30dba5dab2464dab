package dev.millrace.tokenizer.config;

import dev.millrace.tokenizer.model.ModelFile;
import dev.millrace.tokenizer.model.ServedModel;
import dev.millrace.tokenizer.placement.LayerSpan;
import dev.millrace.tokenizer.placement.PipelineShape;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The served model and the shape of its pipeline.
@Configuration(proxyBeanMethods = false)
class ModelConfiguration {
    @Bean
    ServedModel servedModel(ServiceProperties properties) {
        return ModelFile.load(
                properties.requireModel(),
                properties.modelId(),
                properties.contextLength(),
                InstantSource.system().instant().getEpochSecond());
    }

    @Bean
    PipelineShape pipelineShape(ServiceProperties properties, ServedModel model) {
        if (properties.stages() > model.layers()) {
            throw new StartRefusal("millrace.stages is " + properties.stages() + ", but the model has only "
                    + model.layers() + " layers");
        }
        return new PipelineShape(
                model.id(),
                model.digest(),
                LayerSpan.split(model.layers(), properties.stages()),
                model.contextLength(),
                properties.parallel(),
                properties.batchTokens(),
                properties.prefillChunkTokens(),
                properties.maxWaiting(),
                properties.prefixCache(),
                properties.kvType().wire());
    }
}
