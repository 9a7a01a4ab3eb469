/**
 * Validation: runs cases whose answer is known and says where the simulator agrees. Start reading
 * at {@link stallcast.coordinator.validate.CaseRunner}.
 */
package stallcast.coordinator.validate;
