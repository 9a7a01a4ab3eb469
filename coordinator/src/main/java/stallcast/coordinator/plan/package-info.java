/** Which hosts make a shard, and who has which shard; knows no actor and no clock. */
package stallcast.coordinator.plan;
