import { armId, GUID, NAME } from "./arm-id.ts";

/** A Private Link Service by its ARM id. */
export const PRIVATE_LINK_SERVICE = armId("Microsoft.Network/privateLinkServices");
/** A Private Link Service by the name that Azure gives it for others: `<prefix>.<guid>.<region>.azure.privatelinkservice`. */
export const PRIVATE_LINK_ALIAS = new RegExp(`^${NAME}\\.${GUID}\\.[a-z][a-z0-9]+\\.azure\\.privatelinkservice$`, "iu");
/** An action group of Azure Monitor: who is told of an alert. */
export const ACTION_GROUP = armId("Microsoft.Insights/actionGroups", [], "[^/\\p{C}]{1,260}");
/** A subscription. */
export const SUBSCRIPTION_ID = new RegExp(`^${GUID}$`, "i");
