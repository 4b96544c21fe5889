/** Traces of the example app that several tests expect. */

/** A webhook that is delivered at the first attempt. */
export const WEBHOOK_TREE = `
POST /webhooks/stripe [server]
├─ webhook verify
└─ pipeline:receive [client]
   └─ pipeline:receive [server]
      ├─ webhook normalize
      ├─ webhook route
      │  └─ query webhookDeliveries [client]
      ├─ insert webhookDeliveries [client]
      ├─ insert events [client]
      ├─ insert automationTasks [client]
      └─ schedule tasks:executeTask [producer]
         └─ process tasks:executeTask [consumer]
            ├─ tasks:load [client]
            ├─ POST [client]
            └─ tasks:settle [client]
               └─ tasks:settle [server]
                  ├─ get automationTasks [client]
                  └─ patch automationTasks [client]
`;
