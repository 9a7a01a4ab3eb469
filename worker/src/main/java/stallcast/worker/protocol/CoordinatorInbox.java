package stallcast.worker.protocol;

/**
 * What the coordinator's dispatcher receives: {@link ToCoordinator} from workers, and its own
 * internal messages, which never cross the wire.
 */
public interface CoordinatorInbox {}
