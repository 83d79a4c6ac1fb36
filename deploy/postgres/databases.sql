-- Each service has a database and a role of its own, and sees no other's. PostgreSQL's image runs this once, on an empty volume.
\getenv intake CASEGRID_INTAKE_PASSWORD
\getenv router CASEGRID_ROUTER_PASSWORD
\getenv notifier CASEGRID_NOTIFIER_PASSWORD
\getenv assessment CASEGRID_ASSESSMENT_PASSWORD

create role casegrid_intake login password :'intake';
create role casegrid_router login password :'router';
create role casegrid_notifier login password :'notifier';
create role casegrid_assessment login password :'assessment';

create database casegrid_intake owner casegrid_intake;
create database casegrid_router owner casegrid_router;
create database casegrid_notifier owner casegrid_notifier;
create database casegrid_assessment owner casegrid_assessment;

revoke all on database casegrid_intake from public;
revoke all on database casegrid_router from public;
revoke all on database casegrid_notifier from public;
revoke all on database casegrid_assessment from public;
