/**
 * The 4,000 most frequent words of 14,302 English descriptions of agents, tools and servers, frozen: data of the
 * vector space, so a change makes another space. A number, 100 × ln(1 / share of descriptions with the word), stands
 * before the words it holds for. Most frequent first.
 */
export const WORD_TABLE = `
58 and 84 the 85 for 88 a 102 to 114 with 117 you 131 i 140 of in 143 can 160 me 162 use 169 or 195 when 202 on 204 m
209 my 212 need that 218 this 230 provide 231 from 234 api 238 is 243 data 247 find 250 get 264 want 268 like 270 using
271 s 272 it 276 an 278 also about 280 by 281 mcp 282 help agent 287 information code 289 design could create 290 list
293 would 298 patterns search 302 additionally 305 new 306 specific 308 please ai performance 310 proactively server
312 some 313 user 314 are 315 as know 317 planning if 318 any 319 all 320 building 323 including 326 systems 328 id 329
time 330 implementing 331 be 332 details 333 fetch 336 available build 337 management 338 based 340 system at
optimization 341 what 343 their retrieve 344 architecture 345 implement 346 analysis 347 tool 349 expert 350 up 351
current 353 how your 354 applications 357 have 358 d generate 359 facilitates 361 content 362 security 363 across
comprehensive 365 through 368 integration 374 web 375 project multi 376 development modern 378 name company 379
database strategies 381 event 382 calculate master production check 384 latest into its 385 service set 386 image
access 387 testing 389 engineer 390 model 391 number us am 392 url 393 different best real text 394 creating 396
features 397 more type infrastructure advanced context 398 interested com complex 399 cloud 400 optimize specified open
401 tools out 402 practices given 403 next website 404 we 406 analyze between 407 team platform 408 there developer
random masters 409 give multiple 410 c weather 411 game 413 each tell product 414 workflows application pro 415 images
416 high one issues 417 email 418 looking documentation rate 419 address query 420 include date t 421 related first 422
trip movie news 423 city 424 optimizing 425 test our research specializing architect designing 426 business compliance
427 friend quality suggest 428 language exchange automation 429 deployment where 430 location secure 431 enterprise ap
432 writing 433 will 434 organizing 435 plan native claude 436 music driven protocol has 437 python 438 movies models
source setting state via 439 review app price 440 them working agents york year 442 after top family video
implementation recommend handles file 443 returns these such 444 debugging 445 detailed 446 v services endpoint but 447
microservices within pipelines format 448 script monitoring 449 handling make 450 convert provides google automated 452
function which 453 ready async authentication 454 level 455 results seamless financial show so who 456 git day unique
cd not curious 457 ci strategy order 458 requiring response x skill 459 learning market 460 configuration value
platforms public word various see 461 interaction do processing 462 version other error component memory 463 before
assist great domain 464 qr 465 airport usd seo write options 466 mobile reviews specialist validation e party invoke
467 tasks needs managing account 468 add powered sql history ui 469 free only enabling example operations 470 workflow
creates surprise 471 pipeline then hey cross 472 no document scalable status two 473 db key recommendations 474
framework users ip watch last 475 token names projects 476 post associated programming llm 477 job full training
popular 479 historical book page provided 480 support updates currency 481 architectures ll profile friends distributed
metrics specifically media during 482 work picture over articles info stock b 483 icao streaming 484 track sales world
485 graph risk keyword capabilities 486 explore store insights online los 487 return send ms verify 488 videos existing
both custom ops report 489 angeles task health https 490 ve json trying experience complete availability 491 long
recent retrieves 492 th past observability 493 color events conversion area local 494 today month products knowledge
customer 495 require social desktop should manage 496 identify scale react rates creation 497 stack go frameworks
sources validate request 498 holidays process per 499 following languages total 500 live network os share 501 most
update chat prices san anime 502 daily engineering components tracking many feature used traffic 503 providing read
verification travel queries zero 504 temperature improve 505 structured discover orchestration retrieval tests ensure
unit change wants sure don 506 accessibility discord dependency cost execution forecast 507 run been download 508
efficient communication they analyzing ca analytics play tube 509 software assistance starting 510 power reliability ds
country rest countries 511 link interface configure manager 512 safety relevant requirements much servers proper
migration files 513 templates output kubernetes visual category score net 514 base blog while js let prompt 515 large
establishing years something 516 optimized fast apple 517 databases java 518 days cat eur series package well
generation understand same germany 519 implements flight currently hub incident 520 username setup addresses g
preparing 521 object without interfaces average caching ensuring trends recovery 522 modules usage player personalized
words 523 quotes analyst ql input deploy birthday environment 524 was call payment reports developing gather named
right dashboard john 525 english collection io generates codes end weekend learn finding deployments 526 distance ml
car smart pages tuning teams marketing values 527 potential shell range plugin modeling index suggestions 528
opportunities container good types human size 529 scripts night global processes start 530 root remote pdf 531 around
keep aws technology japan generator fruits library 532 times descriptions second audit card called rating enhance 533
description calls feedback 534 technical resources fact supported azure way structure transactions 535 selection
documents apps 536 vacation activities decisions refactoring changes interactions francisco policy re finance 537
solutions fine week generated along examples 538 requests here o running versions house directory 539 posts upcoming
develop games helpful offering result schedule 540 message count titles clean conditions 541 password active http
keywords assess delivery songs generating 542 international control display numbers criteria allows y markdown machine
543 every md domains just 544 updated regional command 545 integrating march coding intelligence statistics main
reviewing now natural against 546 map string dollars recipe look match backend 547 virtual frontend session grade auth
techniques docs 548 actions colors finally prompts items rag functions 549 parameters 550 logs title critical gbp
integrate parallel de background 551 major place ur categories core down libraries node field 552 records offer ls
impact jobs coordinates requires compare people transaction short 553 auditing analyzes safe mesh view love 554
orchestrator amount perform class progress phone road target load 555 topic budget client compatibility doe point
lastly character disaster 556 pictures websites browser making tv 557 abuse questions hybrid side bit note step
repository 558 trending tokens trust charts companies environments single locations particular form states policies
compliant 559 characters statistical parameter themed ratings interesting additional 560 evidence tracing friendly
cities behavior improving assets instagram 561 extract log choosing points oci investment chart common configuring 562
vector checking checks 563 failures dependencies offers k ask n tdd air includes clients assistants competitive sports
challenges semantic 564 www better alerts commerce asheville inspiration designer approval execute external locate
connection 565 contracts covers diagrams integrates space vulnerabilities 566 brand receive android hotel robust
dashboards vulnerability networking im 567 growth mood audio schema genre embedded conduct reference united pairs ad
extraction whether 568 trading units simple currencies scaling dates reviewer 569 searching standards pre
specifications identifier another required codebases offline comments 570 flow stay method style scanning board
integrations notes 571 personal thank deciding nutritional resource threat variety alert guides 572 jokes assessment
speed improvement searches region triggers messages wide furthermore 573 template logic rules reading transport sending
digital blockchain april 574 storage suitable skills failure links understanding implementations scores back
configurations gmail 575 chain costs dev tier volume malware connect basic shows 576 paris trivia guidance protocols
calculates euros abcd 577 visit decision property journey industry facts flows expertise valid metadata module gcp 578
cast cats useless pattern ecosystem courses 579 portfolio hi population 580 bugs route cards deck brief case home mode
postgre pair 581 question codebase overview governance twitter action maintaining assistant cryptocurrency deploying
automating japanese install theme football conducting 582 ideas commands engine london climate principles money food
line axolotls papers 583 article startup delete future revenue received boundaries self 584 st entity f radius filter
than resilience interactive 585 navigation catalog buy researcher directed settings spark math holiday interact
experiences government channel builder 586 australia reverse sizes season enthusiast contact chicago stream dynamic
annual happening l functionality 587 released concurrent routes runs goes provider microsoft scalability debug prefer
genres estimate calendar admin 588 await his plans definition may cases limit investing league 589 film leveraging
attractions steps gathering deep edge being flutter evaluate 590 guide performing terraform enables height 591 group
architecting promotion highest problem possible considering architectural methods summary 592 emails stage reliable
facebook medium reusable injection p notifications going 593 saa instructions standard balance fun hours legacy
evaluation science 594 museum detection written distribution optional tech idiomatic scientific operational 595
composition final similar views efficiency spring maps activity builds come fs 596 resolution room take duration errors
individual sharing near ones getting audits important hosting visualization 597 period energy sentiment fi coordinate
troubleshooting zip progressive eval adriel validating default tracks connectivity specializes 598 contains having
accessible ranking choose restaurant made static three conversation translation bible 599 responsive norris known
california avoid least recipes effective album changed 600 park risks books asset cash private verse strict tomorrow
detect intelligent 601 remember latitude longitude players certain press chuck contract privacy 602 arrivals batch
table tickets official fruit cover mapping converting dns inference standardized 603 focus matches procedures runtime
axolotl stats interest 604 retrieving release login presentation five pr initial license speech loops protection
internet square 605 red exact once incidents recommended avl cute small nearby role summarize stores organization
calories elements 606 playing releases comparison developers rust preferences song jpy adding never studying diagram
validator invitations properties 607 tailored onboarding datasets bash serving must showing non restaurants 608
suggests concurrency apply uv break children troubleshoot invitation reputation sync 609 crypto item handle endpoints
commit tik 610 owner customers successful internal utilities preferably references life jpg 611 translate graphs
professional recommendation optimizer person sms sourced pptx attack formats pass allowing 612 fuel below seconds
mastering supports screen theater uk purchase pci microservice term exploring dataset 613 etc drift easy remove quote
maintain discovery monitor providers those overall worldwide pricing consistency designs 614 config guidelines gdpr
schemas featuring edit 615 obtain chatbot layout why goals months entry supporting doing linked array authenticate 616
standardizing cursor gates playlist ownership doc scenarios apache ia auditor variables voice 617 success django were
pixels gen causes move meters scratch determine auto 618 abc art pay tok browse inc thumbnails bitcoin compatible 619
accounts seems repositories europe host idea seamlessly national asks spanish sentence beach legal lookup device
studies gif 620 sequence indexing purpose her definitions swift confidence regulatory campaigns meta located hour might
621 roles artist pronunciation special logged scan canada belong grounded 622 judge generics easily trend engagement
weight failed covid export correct inventory length establish 623 powershell january entire windows cli maximum
payments tips cedar synonyms healthcare 624 identification marketplace identifies star blogger gift netflix editing
stories fault ny anomalies monthly 625 prevent prime lead photos identity boot scoring author street functional
startups does 626 guests defining solution loading es controls low hello direct groups 627 editable regarding downtime
migrate sets fitness uuid q variable unity focused lifecycle 628 material manual charity him third relationships pop
modernizing avatar exercises structures draft landing modes engaging pm favorite 629 few passwordless tags effect
signed story algorithms usa escalation soccer standardize researching 630 fetches ads france clinical levels tourist
channels animations elite signals churn diverse tax 631 bank chapter org synthesizes topics computer pet abusive modify
solving stars already 632 gb further predictive recently advice option amazon migrations workload legends meeting clear
mechanics estimated experiment positioning 633 strategic retention general competitors cause devices findings workers
produce genus publishing clusters 634 argo feeling conference alerting episode fan accuracy off coin landscape spot
scraper audience terminal 635 feed workspace transfer published documenting r querying record w found shopping
prevention income seed millions postgres 636 comment heard train exists under follow india uxxaj wwzq securing part
collaboration 637 gameplay calculator drive effectively explain filtering employee finetuning specs enhancing preferred
materials hipaa github layer computing answer sdk 638 refactor suite corresponding subscription objects html pydantic
minutes above responses yen latency 639 coordination profiles early visually quickly hierarchy metric visibility
necessary bot reasoning png define velocity permissions 640 preference filters javascript messaging ticker reporting
probability attendees efficiently estate course designed six balancing sizing educational 641 temporal readers
dimensions rendering dotnet especially hire cloudflare logging independent limits enable verifies summaries sample 642
station hosted accommodation traces phishing gating py law ratio 643 layouts saga expenses evaluating path joke ed
artificial editor credentials bottlenecks align modernization berkeley career 644 done responder study boston writes
harness upload loves wcag blue 645 missing tokyo chaos hardening stations identifying mit writer places demo golden
stakeholders gifts 646 manipulation physics quick max age cooking regions npx tesla practice discounts sessions
beautiful july icons 647 gets converts measures credit photo screenshot decomposing rated positions listen fix humans
significant assistive compensation 648 predict organize recurring student updating investigating green humidity rich
coder select solar slow facility cryptocurrencies markets contain comedy 649 unified tag monorepo thinking stdio
checker site flux big conductor compiler suites reads 650 conventions nvidia fixes partner vs cutting versatile
appropriate old 651 trees dgx binary accurate saying measuring routing screenshots enhances symbol 652 firmware fonts
administrator subscriptions julia shortener workspaces kindly spec opportunity sent minimal living 653 reader exist
matching save dinner customized consider able sensor actionable selecting 654 u bitly shared threats spotify slo ticket
rental sourcing isolation flights gaming issue 655 minecraft funny guardrails participants typography mp containers
checkout actor enhanced inclusive 656 stocks happy depth typescript dbt filtered sized proxy built paper 657 discounted
concepts informed myself hiring operation quarterly limiting answers productivity starts moving playwright cqrs subject
658 toronto unexpected reminders pd position mass theory click delegates optimizes china attempts creative letter rapid
659 visualize invest paths css cad center expand crew hashtag nature ephemeral specialized earnings strategist sockets
660 serp according sister artifacts sorted tam docker successfully vimeo hardware fans entertainment prepare
discriminator concerns hotels 661 plants lost hacking streamable debugger publish body rs rent triage magic debt mars
662 serve gateway anything miles foundations trail protein nba automator destination present entertain works say 663
scientist culture individuals causing parks close infra geocoding methodologies washington compile assisted sl
synthesizing webhooks ratios noticed tt devops american 664 tweets initiate equity notification miami cars serves
performs vocabulary concept airports xyz authorization sam highly transforms capture texts coordinating defensive
wedding chinese box optimal decide regression sec ethereum 665 brands ux controllers cache statement competition italy
gold capital community investor sprint inform meme james 666 transportation secrets push upgrading drama frequency meet
pull quantitative until dealing 667 freelance rollback trips tooling reddit bedrooms primary bridge iso labs confirm
queue customizable similarity wallet returned 668 sheet engage rock films chess puzzle istio linkerd turn decentralized
receipts width basketball constraints lifetime assigned 669 tutorial german notion asp diagnosing fastapi construction
sign ability tester streams circle mac curated resume acceleration eliminate solve campaign reduction carbon 670
outdoor logo captivating thought together reinforcement gs kilometers true registration traditions sd guess visuals
aeronautical earth express burn species 671 kit selected british roll technologies laundry imagine certificate tofu
animal he diagnose followers 672 longer race youtube generators involved trial sensitive arguments workout detail
skipping assign seattle tune 673 geolocation marketer baselines maintainable sre anti co compelling subagents
fahrenheit containing logical enter dart departures synchronize titan visitors vision flags operators 674 angular funds
man uses memes checkpoint fixing projections citrus eddf eddm kavl vatsim weekends agency guided calculation concert
675 exactly measure tls trails il destinations otp sustainable coming instead nearest funding jane 676 listings bangkok
predictions hair preparation identified wind validates bus particularly connecting packaging too calibration prompting
repairing gas integrated 677 section regular ingredients elixir ks rewards university formula discount nx turborepo
even celsius purchasing phoenix vue act 678 hooks listing affordable completed eat dx transform nexweave protect
excellence tolerant orchestrating stored jwt taking precipitation whois 679 scheduling sli decorations redis hidden
office descending tutorials snippets counts fake origin pool launch ranked ensures layers 680 incorporate cpp houses
connections venue directions four captures solidity coverage rpc hands frankfurt vitals telegram 681 outreach keys
australian put fantasy court teacher block telemetry exploration maintains analytical metaprogramming investments
counting cleaning dog lo really signature j 682 dr goal represents suspect cannot featured uui answering district bored
dedicated demographics 683 incremental migrating separation pagination sale aspects weekly vegan density stripe spam
sends calculating mocking frame prevents 684 sea cycle precise programs shares signatures resolve correctly french
tuned styling attacks difference expected hr ship benefits syntax advisor shipping 685 synthetic executes adoption
tonight usernames methodology ra greatly rank tree accessing prioritize loop electric because poster 686 recognition
kind acquisition tenant som theming utilize talk gpt trader invite copy applying interval supervised integrity lots 687
attach nasa artists deals spaces foods healthy cluster requirement widgets stuck moreover calibrating dpo sft
summarization bathrooms director terms previous force 688 parts academic guitar kitten sort mutual automatic fields
percentage rather perfect phase evening vehicle radio socket 689 webhook php stops focusing useful started fail
sequences nft connects booking passes threads ongoing figure awesome 690 element lowest friday achieve generic shape
inspection beyond res strong behavioral recall rankings utilizing outdated attending consumer 691 hypothesis december
wrong cohort vehicles applies hashtags ce orchestrates increase lunch engines catch 692 odds rgb companion header
personality reducing geographical monolithic extra conversations finder effortlessly king comparing fallback geo
numerical trains breaking 693 middleware scene purposes qa typing salon automate dom knowing golang bring dark
itinerary aapl authenticity chicken camera da specification 694 extensive adults clues billing texas fetching maker
pick factor catchy xml due gate since remediation advertising innovative 695 either problems quant lightweight
converter welcome trials readings sse sensors pending pytest aspose financials celery handlers 696 approach disk rights
outputs female mysql inbox executive rbac ab mention acceptance vast winning 697 win continuous wa managers driving lab
penetration ssl entries router xss canary graceful chosen metropolitan confirms alone feels facilitating temporary
italian fixtures tful plus reactive water 698 hulu tweet crime challenge hiking mind homepage always pal repo embedding
mixer fair targeting education deploys prometheus preview synthesis 699 economics choices normal equation facilities
industrial slack landscapes satisfaction outages pauses scripting berlin sites battle fiction concerts nsfw 700 demand
october durable measurement correctness omnichannel hash etl discussion graphql logos produces classes member
respective forms 701 removal effects verifier transitions forecasts atlanta ssh yahoo rotation heavy stop pa raw rails
claw centers bmi women src elevation 702 rigorous cheap leave discovered vm grafana interpret musical arbitrage refresh
triggering translating exports thresholds indoor cited feeds things famous hints 703 requested cdn gov finds allow ide
empty blocks appreciate compound conflict decorators speaking seeking immediate reserve situation actors instance
begins awareness 704 accelerate orders namespace notation pinterest adds hand detective optimizations nd thousands 705
airflow proprietary sum grid euro addressable painting mystery advantages jose dimension exhaustive verifiable affect
preserving geometry wild less pub horror scraping instances consumption readme breaches appealing translations 706 erp
btc reduce minor gives explains thailand areas standings documenter federation friction maintainability
microcontrollers orm portals round ios avenue taste sculpture prediction todo segmentation denver established believe
mental significance cart maintenance petrol privilege opening 707 la strength extensions classic pointers assurance
csharp mlops modernizer merge utility minimum serial metro paint rd laravel grocery diff geographic intuitive broadway
sound fraud tolerance placeholder projection 708 club mine keeps degradation premises rome pressure airbnb lawsuit
oriented sorts stand launches specify central nhl 709 medical versioning feel champions sunset divisor greatest
structural scanner packages letters km serverless ruby 710 kingdom anniversary marathon graphic responsibilities scorer
delta algorithm dispatch competitor menu decompilation gaps merges ago controlled launching gui sector dna alpha
specifying formatted normalized 711 wait monitors aud csv branding explicit bazel ctf detector disassembly statements
driver baseball entities mid geography keyboard chord assumptions lark cl deliverable played collect members pounds
timeline salad told adventure 712 jackson interview selling heading dv triangle brazil agreements bdd declarative kpi
rubrics socialclaw spawn thermal unsloth festivals timestamp constant portfolios newsletter motion traveling ocean
mexico 713 replication garage november attraction toolkit patient lesson aarch bias blameless cuda dapper
differentiation ebooks graders implementer iterators partitioning portability promises raii simultaneously stride tokio
torch coach renewable alchemy offensive symfony someone hacks inner animation 714 reminder physical survey jacket sugar
romantic fund queues systematic watchmode sunny programmatically placement ten closest podcasts parents abstractions
coordinator dhcp reactivity explaining exam dollar diesel showcasing fat 715 later employees degree polished chi
conflicts span south profanity wondering concise proposal backends dietary environmental traits improvements yellow
father headlines plant programmatic tournament quadratic program subscribers 716 effort led desired eth annotations
backup prayer adjust mix naming jupiter buying diego capacity limited silver fashion nct automatically multiplayer
ascending pitch 717 modifications autocomplete calculations child left manuals eligibility compute binance curve guest
away rewrite registered 718 saw poem boxing fluctuations mailing multimodal cleanup ghidra brain pets sport realtime
workshop hot covering enforcement diameter flashcards headers aware waiting face apples 719 dss overhead provisioning
reward gated symbols mbti forex conversions ida approaches feet lang statuses sheets lawsuits radar barriers
transformations styles county 720 h distributable enforce nextjs outage ironing unisex directories transformation wars
showcase biometric registry appreciated fd universe jira oracle fails uber changelog 721 outcome organizations routine
codex manages maintainer backtesting cohesive consent expo mitigation performant postmortems iss targets degrees
dimensional archive forget restrictions pack highlight 722 ps extension nothing z vibrant added trace autonomous
intended upgrade substack budgets cryptographically draw dictionary ecosystems journeys orchestrate personas begin
ascii checkers ielts 723 podcast fundamental manchester factors communicate debit tower pump improved benchmarking
binaries commits cycles engineers installing linting oo scaffolding circuit categorize cms consistent avatars mc 724
compilation equivalent backed banana plays operating charge maximize realistic boost considerations sunrise checkpoints
did ma foster become storytelling 725 zone documentary shirt had copywriter mastery philadelphia labels webpage
locating equipment directly malicious peak receiving 726 relationship inside writers diet backward drf graal oke ruff
urp avoiding contacts ride morning rain industries scrape beijing elm drivers effectiveness created executing hook 727
lightning notebooks vendor artifact ltv monorepos worker quantities included sides searchable nickname nights trade
mathematical premier displays importance sentences moscow vat 728 functionalities clouds aerodrome miss nervous tutor
apex cameras cac grpo hyperparameters kto ooxml orpo promoted quantization responsibility rlvr rollout versus schedules
argentina offered caption experiments vertical displaying bug essential sandbox fresh forest 729 downloading minute
shortest appearance healthier katl visiting highlights cribbage hadith sudoku superchargers controlling pizza
salesforce scala 730 aus weighted continuity pasta converted takes upbeat identifiers empower assists male desk defined
retry window bing followed lists altitude 731 localhost magnetic completion soc older behind enrich try attributes
polish filesystem nlp label pilot 732 warnings filed respectively contrast gluten exercise own actively attend calling
funnel bounded pc episodes combined kg deadlines rewriting sections asked 733 tempo gi explanations nice ideal flying
hat lose rio leads foreign austin mentions european scenario advancements adherence breach fintech explorer forensics
npm 734 hard encoded businesses census shutdown men produced conversational lessons lock bananas janeiro oak punch
wallpaper globally monday cheer taf 735 svg belongs scanned valuable adapts coordinated guarantees interop retraining
workloads baby surf alongside girl torrents nager sq authority transcript jurisdiction arithmetic invoice spreadsheets
optionally rooms portal sorting 736 alternatives hunter salary passing throughput horoscope century anymore borders
confused customs hartsfield involve joined originally passage passionate stages watched worried secret judges die
ancient nota reflect approved eve faa families iceland ipdb north phonetics cinema economy verdict persistent 737
bookings shops literature implemented original helping synchronization strings pi disposable submit thanks credibility
voting ts elevate drawing handoff shift ninjas enjoy si presence 738 hex elasticsearch belonging president lite unusual
soon gardening constructor roots yes lets sufficient makes achieved trained narrative timestamps opinions iq ocr
indicators proof dice 739 daughter genders happened illegal outside delivered banners profiling tailwind timeouts giphy
raising captcha achieving calorie carbohydrates differ naruto nzd sek bee exception universal readability exposed
extracts executor ark cup huge chains citations grooming 740 creator transcripts mechanisms runbook offset waves iot
integer bathroom housekeeper portland santa pwa playlists 741 ppc changing deaths mission needed difficulty subway
covered storing diseases operates positive earthquake mark ecs exported failing hierarchies manifests singapore god 742
raise meal doctor ack brute crazy expanding gatherings pine pound realized spelling tabby tastic winds beauty wordpress
million embed publisher others facing profit 743 false fare alarm openings pip mentioned abstraction corruption
monolith mrr mypy sast linking crafted ids spin spins edits astronomy compose still appointment swagger diablo
otherwise afd airspace albino ansari apt arcade boyfriend carolina celebrated colder coworkers dbname diwali doubt eddh
eri erie fac familiarize fect flooded flr funthing grunge harvesting homework invited janedoe kittens klax lie mango
memorial metar mister moons nantucket nephew newhost niece nok oranges proverbs purr quirky quixotic revelation ritual
romans rosaceae rosales serendipity shez solanaceae strange stump thb verses wouldn birth accepts sake transporters 744
ordered micro ways join excel isolated meditation garden infos leading markup downloader sub 745 multiples port
exposure eu assuming gemini authors flash vault again gradient priority plot emerging turns calc entropy political
graphics spending 746 transactional normalization mutations forward timeout wiki watching prod apilayer empowers
resolves kilograms lot cricket condition measured connected pod midi headless shareuid qdrant 747 stylized installer
developments deterministic prepares wi deletes initiates stroke synopsis folder tested 748 constitutional numbered
students authorized mutation milestones deletion mailbox cookie cold black consultant tells delightful teammates hero
fabric piece hz whole aviation abstract 749 tarot summarizing interacting cell province resistance readable
circumference ends mail automotive immediately involving 750 newly notices giveaways wear diagnostics sydney african
atmosphere aiming solana war several deliverability confirmed habits dash decimal reality 751 practical criterion
crafting tod expectations mermaid emissions ethical cultural bulk dry macro korea heat ar urgently replace wall beam
752 cpu intermittent clinq exciting fpl magnetis tac tic toe shop administrative icon leaves cake foreground shortened
breed wheel scope whenever yaml exceptions rolling laws prep explicitly cuisine demonstrating formatting manufacturing
expectancy iterations experimental gitlab 753 distinct reservations insider whatsapp pollution ups branches
constructing respect hunt 754 inter keeping previews enjoyable talent school roulette apartment persuasive tables
higher pointer 755 webpages openapi websocket portable investigate lively titanic marketplaces upgrades planner
timelines rotating submitted exceed hunting scenes breakfast figma ted residential timezones split refine 756
midjourney kernel sh tts wildlife duck spatial rl cascade ranks savings relations walks presentations fee derivative
757 cg reunion slashtags taken craft frustrated applicable operator angle customize white experienced expressions
failover jl lending synthesize son roi gallery animals scheme
`
