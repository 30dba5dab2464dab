package dev.millrace.tokenizer.config;

import dev.millrace.tokenizer.generation.EncodingPool;
import dev.millrace.tokenizer.generation.GenerationService;
import dev.millrace.tokenizer.generation.StatusHandler;
import dev.millrace.tokenizer.loop.NettyServiceLoop;
import dev.millrace.tokenizer.loop.ServiceLoop;
import dev.millrace.tokenizer.model.ServedModel;
import dev.millrace.tokenizer.pipeline.ChannelSource;
import dev.millrace.tokenizer.pipeline.EpochOpening;
import dev.millrace.tokenizer.pipeline.PipelineHost;
import dev.millrace.tokenizer.pipeline.PipelineKeeper;
import dev.millrace.tokenizer.pipeline.PipelineProbe;
import dev.millrace.tokenizer.pipeline.PipelineRouter;
import dev.millrace.tokenizer.pipeline.TokenClock;
import dev.millrace.tokenizer.placement.PipelineShape;
import dev.millrace.tokenizer.placement.PlacementService;
import dev.millrace.tokenizer.placement.WorkerRoster;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The parts between gateways and workers, all on one loop.
@Configuration(proxyBeanMethods = false)
class PipelineConfiguration {
    @Bean(destroyMethod = "close")
    NettyServiceLoop serviceLoop() {
        return new NettyServiceLoop("service-loop");
    }

    @Bean
    TokenClock tokenClock(ServiceLoop loop) {
        return new TokenClock(loop);
    }

    @Bean
    PipelineRouter pipelineRouter(ServiceLoop loop) {
        return new PipelineRouter(loop);
    }

    @Bean
    EpochOpening epochOpening(ServiceLoop loop, ChannelSource channels, TokenClock clock, ServedModel model) {
        return EpochOpening.overGrpc(loop, channels, clock, canaryToken(model));
    }

    @Bean
    PipelineKeeper pipelineKeeper(EpochOpening opening, PipelineRouter router) {
        return new PipelineKeeper(opening, router);
    }

    @Bean
    WorkerRoster workerRoster(PipelineShape shape, ServiceLoop loop, PipelineHost host) {
        WorkerRoster roster = new WorkerRoster(shape, loop, host, InstantSource.system());
        loop.execute(roster::start);
        return roster;
    }

    @Bean
    PlacementService placementService(WorkerRoster roster, ServiceLoop loop) {
        return new PlacementService(roster, loop);
    }

    @Bean(destroyMethod = "close")
    EncodingPool encodingPool(ServiceProperties properties) {
        return new EncodingPool(properties.resolvedEncodingThreads());
    }

    @Bean
    GenerationService generationService(
            ServedModel model,
            EncodingPool pool,
            ServiceLoop loop,
            PipelineRouter router,
            WorkerRoster roster,
            EpochOpening opening,
            TokenClock clock) {
        PipelineProbe probe = new PipelineProbe(opening, router, clock);
        StatusHandler status = new StatusHandler(model.id(), loop, roster::view, router, probe, clock);
        return new GenerationService(model, pool, loop, router, status);
    }

    @Bean
    GracefulEnd gracefulEnd(
            GenerationService generation, WorkerRoster roster, ServiceLoop loop, ServiceProperties properties) {
        return new GracefulEnd(generation, roster, loop, properties.drain());
    }

    /// Any token will do; a model's own first token of a text is one that it knows.
    private static int canaryToken(ServedModel model) {
        int[] ids = model.text().encode("a", true, false);
        return ids.length == 0 ? 0 : ids[0];
    }
}
